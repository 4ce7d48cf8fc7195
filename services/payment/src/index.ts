export { type AppOptions, buildApp } from './app.ts';
export { audit } from './store/audit.ts';
export { Balances } from './store/balances.ts';
export { paymentMigrations } from './store/migrations/index.ts';
export { Reservations } from './store/reservations.ts';
