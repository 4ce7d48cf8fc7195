import { readTags } from './read-tags.ts';

const tag = (name: string, value: string) => ({ name, value });

describe('the tags of an unsigned upload', () => {
  it('are those of the list, then those of single headers', () => {
    const list = JSON.stringify([tag('Content-Type', 'image/png'), { ...tag('a', ''), more: 1 }]);
    expect(readTags({ 'x-data-item-tags': list, 'x-tag-app-name': 'demo', 'content-type': 'text/plain' })).toEqual([
      tag('Content-Type', 'image/png'),
      tag('a', ''),
      tag('App-Name', 'demo'),
    ]);
  });

  it('say the type of the body where nothing else does', () => {
    expect(readTags({ 'content-type': 'text/css; charset=utf-8' })).toEqual([
      tag('Content-Type', 'text/css; charset=utf-8'),
    ]);
    expect(readTags({ 'content-type': 'application/octet-stream' })).toEqual([]);
    expect(readTags({ 'content-type': 'text/css', 'x-tag-content-type': 'text/html' })).toEqual([
      tag('Content-Type', 'text/html'),
    ]);
    expect(readTags({})).toEqual([]);
  });

  it('may be written in UTF-8, or escaped', () => {
    const sent = Buffer.from('[{"name":"Größe","value":"\\u00fc"}]').toString('latin1');
    expect(readTags({ 'x-data-item-tags': sent })).toEqual([tag('Größe', 'ü')]);
  });

  it.each(['', '{', '{}', 'null', '["a"]', '[null]', '[{"name":"a"}]', '[{"name":"a","value":1}]', '"\xff"'])(
    'are refused when they are %j',
    (list) => {
      expect(() => readTags({ 'x-data-item-tags': list })).toThrow(expect.objectContaining({ code: 'invalid_tags' }));
    },
  );
});
