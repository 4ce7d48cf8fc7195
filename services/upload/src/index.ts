export { issueClientToken } from './admission/client-tokens.ts';
export { type AppOptions, buildApp } from './app.ts';
export { CommitGroups } from './ingest/commit-groups.ts';
