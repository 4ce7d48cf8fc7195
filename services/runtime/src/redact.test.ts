import { redact, redactText } from './redact.ts';

describe('what is shown to others', () => {
  it.each([
    ['postgres://bundler:hunter2@db.example.com:5432/x', 'hunter2'],
    ['connect redis://:hunter2@cache failed', 'hunter2'],
    ['authorization: Bearer abcdefgh12345678', 'abcdefgh12345678'],
    ['jwt eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxIn0.c2lnbmF0dXJl', 'eyJzdWIiOiIxIn0'],
    ['{"kty":"RSA","d":"AAAABBBBCCCCDDDDEEEE"}', 'AAAABBBBCCCCDDDDEEEE'],
    [String.raw`"{\"kty\":\"RSA\",\"d\":\"AAAABBBBCCCCDDDDEEEE\"}"`, 'AAAABBBBCCCCDDDDEEEE'],
    ['S3_SECRET_ACCESS_KEY=hunter2 and more', 'hunter2'],
    ['"dbPassword": "hunter2"', 'hunter2'],
    ['postgres://bundler:hunt@er/2@db.example.com/x', 'er/2'],
    ['password: "hunter2 with words" and more', 'words'],
    ['x-bundler-admin-key: hunter2', 'hunter2'],
    ['stripe says sk_live_hunter2hunter2', 'hunter2'],
    ['signed by AKIAIOSFODNN7EXAMPLE', 'EXAMPLE'],
    ['-----BEGIN PRIVATE KEY-----\nMIIhunter2\n-----END PRIVATE KEY-----', 'MIIhunter2'],
  ])('holds no secret of %s', (text, secret) => {
    expect(redactText(text)).not.toContain(secret);
    expect(redactText(text)).toContain('***');
    expect(JSON.stringify(redact({ line: text }))).not.toContain(secret);
  });

  it('leaves ids, hosts and the names of Secrets as they are', () => {
    const shown = {
      dataItemId: 'c3Vyw7xfLXRlc3Q_abcdefghijklmnopqrstuvwxyz0',
      url: 'https://arweave.example.com:443/tx',
      secretRef: { name: 'database', key: 'DB_WRITER_URL' },
      walletSecretName: 'wallet',
      message: 'the token is not valid',
    };
    expect(redact(shown)).toEqual(shown);
  });

  it('knows a secret by its name, also as an environment variable', () => {
    const value = {
      password: 'a',
      env: [
        { name: 'REDIS_QUEUE_PASSWORD', value: 'b' },
        { name: 'S3_SECRET_ACCESS_KEY', value: 'd' },
      ],
      deep: [{ apiToken: 'c' }, { apiKey: 'e' }],
    };
    expect(redact(value)).toEqual({
      password: '***',
      env: [
        { name: 'REDIS_QUEUE_PASSWORD', value: '***' },
        { name: 'S3_SECRET_ACCESS_KEY', value: '***' },
      ],
      deep: [{ apiToken: '***' }, { apiKey: '***' }],
    });
  });
});
