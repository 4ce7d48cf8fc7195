import { routes } from './api-page.ts';

const answer = { 200: { description: 'Default Response' } };

describe('the page of the routes', () => {
  it('shows what a route takes and answers', () => {
    const post = {
      summary: 'Send it',
      parameters: [{ in: 'query', name: 'size', description: 'Bytes.' }],
      requestBody: { content: { 'application/octet-stream': {} } },
      responses: {
        200: {
          description: 'Default Response',
          content: {
            'application/json': { schema: { properties: { id: {}, note: {} }, required: ['id'] } },
          },
        },
        202: { description: 'Come again.' },
      },
    };
    const [title, text] = routes({ paths: { '/v1/tx': { post } } });
    expect(title).toBe('### POST /v1/tx');
    expect(text).toContain('Send it.');
    expect(text).toContain('| `size` | query | Bytes. |');
    expect(text).toContain('Body: `application/octet-stream`.');
    expect(text).toContain('| 200 |  | `id`, `note?` |');
    expect(text).toContain('| 202 | Come again. |  |');
  });

  it('says once what several paths have in common', () => {
    const get = { summary: 'About it', responses: answer };
    expect(routes({ paths: { '/v1/': { get }, '/v1/info': { get } } }).slice(0, 2)).toEqual([
      '### GET /v1/',
      'Also `GET /v1/info`.',
    ]);
  });
});
