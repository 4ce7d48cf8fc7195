import { hoistRepeated } from './hoist.ts';
import type { JsonSchema } from './json-schema.ts';

const small = { rule: "quantity(string(self)).compareTo(quantity('1Ti')) <= 0", message: 'must be at most 1Ti' };
const own = { rule: 'duration(self) > duration("1s")', message: 'must be above 1s' };

/** Objects a, b, c… that each hold limits.memory with the validations. */
function schemaOf(count: number, ...validations: readonly object[]): JsonSchema {
  const leaf = { type: 'string', 'x-kubernetes-validations': validations } as const;
  const one = { type: 'object', properties: { limits: { type: 'object', properties: { memory: leaf } } } } as const;
  const names = Array.from({ length: count }, (_, index) => String.fromCharCode(97 + index));
  return { type: 'object', properties: Object.fromEntries(names.map((name) => [name, one])) };
}

describe('hoistRepeated', () => {
  it('says once at the root what many leaves say, and names what they have in common', () => {
    const { schema, validations } = hoistRepeated(schemaOf(8, small));
    expect(JSON.stringify(schema)).not.toContain('compareTo');
    expect(validations).toEqual([
      {
        rule: expect.stringMatching(
          /^\(\[dyn\(self\.a\.limits\.memory\), .+, dyn\(self\.h\.limits\.memory\)\]\)\.all\(field, quantity\(string\(field\)\)/,
        ),
        message: 'limits.memory must be at most 1Ti',
      },
    ]);
  });

  it('names objects that lie side by side instead of the path of each leaf', () => {
    const { validations } = hoistRepeated({ type: 'object', properties: { queues: schemaOf(8, small) } });
    expect(validations.map(({ rule }) => rule)).toEqual([
      expect.stringMatching(/^\(\['a', .+, 'h'\]\.map\(n, dyn\(self\.queues\)\[n\]\.limits\.memory\)\)\.all/),
    ]);
  });

  it('leaves what few leaves say where it is, so that its message points to the field', () => {
    const given = schemaOf(7, small);
    expect(hoistRepeated(given)).toEqual({ schema: given, validations: [] });
  });

  it("leaves a leaf's other validations alone", () => {
    const schema = schemaOf(8, small);
    const extra = { type: 'string', 'x-kubernetes-validations': [small, own] } as const;
    const { schema: hoisted } = hoistRepeated({ ...schema, properties: { ...schema.properties, extra } });
    expect(hoisted.properties?.extra).toEqual({ type: 'string', 'x-kubernetes-validations': [own] });
  });
});
