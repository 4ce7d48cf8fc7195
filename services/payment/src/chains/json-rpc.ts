import { type Static, type TSchema, Type } from 'typebox';
import { askJson, type Node, told } from './ask-json.ts';
import { ChainUnavailable } from './chain.ts';

const Answer = Type.Object({
  result: Type.Optional(Type.Unknown()),
  error: Type.Optional(Type.Object({ code: Type.Integer() })),
});

/** What a method of a node that speaks JSON-RPC 2.0 answers. @throws ChainUnavailable */
export async function callNode<Schema extends TSchema>(
  node: Node,
  method: string,
  params: readonly unknown[],
  schema: Schema,
): Promise<Static<Schema>> {
  const { json } = await askJson(node, { jsonrpc: '2.0', id: 1, method, params });
  const { error, result } = told(Answer, json, node);
  // Its text is left out: some nodes repeat the key of the request in it.
  if (error) throw new ChainUnavailable(`${node.url.host}: ${method} failed with error ${error.code}`);
  return told(schema, result, node);
}
