import {
  AlreadyExists,
  Conflict,
  errorFrom,
  FieldConflict,
  Forbidden,
  Gone,
  Invalid,
  type KubeError,
  NotFound,
  NotServed,
  orUndefined,
  TooLarge,
  TooManyRequests,
  Unauthorized,
  Unavailable,
} from './errors.ts';

const answer = (code: number, status: object | string): KubeError =>
  errorFrom('GET /x', code, typeof status === 'string' ? status : JSON.stringify(status));

describe('errors of the API server', () => {
  test.each([
    [400, { message: 'bad' }, Invalid],
    [401, { message: 'who' }, Unauthorized],
    [403, { message: 'no' }, Forbidden],
    [404, { message: 'no such pod', details: { name: 'a', kind: 'pods' } }, NotFound],
    [404, '404 page not found\n', NotServed],
    [404, { message: 'the server could not find the requested resource', details: {} }, NotServed],
    [409, { reason: 'Conflict', message: 'modified' }, Conflict],
    [409, { reason: 'AlreadyExists', message: 'there' }, AlreadyExists],
    [410, { reason: 'Expired', message: 'too old' }, Gone],
    [413, { message: 'request is too large' }, TooLarge],
    [422, { reason: 'Invalid', message: 'bad' }, Invalid],
    [429, { message: 'slow down' }, TooManyRequests],
    [500, { message: 'failed calling webhook "x": timeout' }, Unavailable],
    [
      500,
      { message: 'failed to create typed patch object (d/x; apps/v1): .spec.y: field not declared in schema' },
      Invalid,
    ],
    [502, '<html>bad gateway</html>', Unavailable],
    [503, { message: 'starting' }, Unavailable],
    [504, { message: 'timeout' }, Unavailable],
  ] as const)('HTTP %d %j has the class that says what to do', (code, status, expected) => {
    expect(answer(code, status).constructor).toBe(expected);
  });

  test('only what the same request can never pass is terminal', () => {
    const terminal = [400, 403, 404, 409, 410, 413, 422, 429, 500, 503].filter((code) => answer(code, {}).terminal);
    expect(terminal).toEqual([400, 413, 422]);
  });

  test('the message names the request and what the server said', () => {
    expect(answer(403, { message: 'pods is forbidden' }).message).toBe('GET /x: pods is forbidden');
    expect(answer(502, '').message).toBe('GET /x: HTTP 502');
  });

  test('a conflict of server-side apply names each field and its owner', () => {
    const conflict = answer(409, {
      reason: 'Conflict',
      message: 'Apply failed with 2 conflicts',
      details: {
        causes: [
          { reason: 'FieldManagerConflict', message: 'conflict with "kubectl-edit" using apps/v1', field: '.spec.a' },
          {
            reason: 'FieldManagerConflict',
            message: 'conflict with "kubectl" with subresource "scale" using apps/v1',
            field: '.spec.replicas',
          },
        ],
      },
    });
    expect(conflict).toBeInstanceOf(FieldConflict);
    expect((conflict as FieldConflict).owners).toEqual([
      { manager: 'kubectl-edit', field: '.spec.a' },
      { manager: 'kubectl', field: '.spec.replicas' },
    ]);
  });

  test('fields that cannot change are told from fields that are wrong', () => {
    const causes = [
      { reason: 'FieldValueInvalid', message: 'Invalid value: {}: field is immutable', field: 'spec.selector' },
      { reason: 'FieldValueInvalid', message: 'Invalid value: -1: must be positive', field: 'spec.replicas' },
    ];
    expect((answer(422, { details: { causes } }) as Invalid).immutableFields).toEqual(['spec.selector']);
  });

  test('how long to wait comes from the header, else from the body', () => {
    const body = JSON.stringify({ details: { retryAfterSeconds: 7 } });
    expect(errorFrom('GET /x', 429, body).retryAfterMs).toBe(7000);
    expect(errorFrom('GET /x', 429, body, '2').retryAfterMs).toBe(2000);
    expect(errorFrom('GET /x', 429, '{}').retryAfterMs).toBeUndefined();
  });

  test('absence becomes undefined, any other failure stays one', async () => {
    await expect(orUndefined(Promise.reject(answer(404, {})))).resolves.toBeUndefined();
    await expect(orUndefined(Promise.reject(answer(403, {})))).rejects.toThrow(Forbidden);
  });
});
