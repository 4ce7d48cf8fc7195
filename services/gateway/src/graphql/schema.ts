import { buildSchema } from 'graphql';

/** The part of the gateways' schema that indexers and bundlers ask for, under the public gateways' names. */
export const schema = buildSchema(`
  type Query {
    transaction(id: ID!): Transaction
    transactions(
      ids: [ID!]
      owners: [String!]
      recipients: [String!]
      tags: [TagFilter!]
      bundledIn: [ID!]
      block: BlockFilter
      first: Int = 10
      after: String
      sort: SortOrder = HEIGHT_DESC
    ): TransactionConnection!
  }

  enum SortOrder { HEIGHT_ASC HEIGHT_DESC }
  enum TagOperator { EQ NEQ }
  input TagFilter { name: String!, values: [String!]!, op: TagOperator = EQ }
  input BlockFilter { min: Int, max: Int }

  type TransactionConnection { pageInfo: PageInfo!, edges: [TransactionEdge!]! }
  type PageInfo { hasNextPage: Boolean! }
  type TransactionEdge { cursor: String!, node: Transaction! }

  type Transaction {
    id: ID!
    anchor: String!
    recipient: String!
    owner: Owner!
    tags: [Tag!]!
    data: MetaData!
    block: Block
    bundledIn: Bundle
  }
  type Owner { address: String!, key: String! }
  type Tag { name: String!, value: String! }
  type MetaData { size: String!, type: String }
  type Block { id: ID!, timestamp: Int!, height: Int!, previous: ID! }
  type Bundle { id: ID! }
`);
