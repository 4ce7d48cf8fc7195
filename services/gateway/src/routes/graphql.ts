import type { FastifyInstance } from 'fastify';
import { graphql } from 'graphql';
import { rootResolver } from '../graphql/resolve.ts';
import { schema } from '../graphql/schema.ts';
import { parseJson } from '../http/parse-json.ts';
import type { GatewayParts } from '../parts.ts';

interface GraphqlRequest {
  readonly query?: unknown;
  readonly variables?: Record<string, unknown> | null;
  readonly operationName?: string | null;
}

/** `POST /graphql`. */
export function graphqlRoute(app: FastifyInstance, parts: GatewayParts): void {
  const rootValue = rootResolver(parts);
  app.post<{ Body: Buffer }>('/graphql', async ({ body }, reply) => {
    const { query, variables, operationName } = (parseJson(body) ?? {}) as GraphqlRequest;
    if (typeof query !== 'string') {
      return reply.code(400).send({ errors: [{ message: 'Send JSON with a "query" and, if needed, "variables"' }] });
    }
    const result = await graphql({
      schema,
      rootValue,
      source: query,
      variableValues: variables ?? {},
      operationName: operationName ?? null,
    });
    return reply.code(result.data === undefined ? 400 : 200).send(result);
  });
}
