export { type StageContext, stages } from './stages/index.ts';
