import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import pg from 'pg';
import { freePort } from '../process/ports.ts';
import { allPids, processIdentity, processLink } from '../process/process-table.ts';
import { type EmbeddedPostgres, type PostgresOptions, startPostgres } from './postgres.ts';

import.meta.jest.setTimeout(120_000);

describe('embedded PostgreSQL', () => {
  const directory = mkdtempSync(join(tmpdir(), 'embedded-postgres-'));
  const dataDir = join(directory, 'data');
  const steps: string[] = [];
  let server: EmbeddedPostgres | undefined;

  async function start(changes: Partial<PostgresOptions> = {}): Promise<EmbeddedPostgres> {
    const port = await freePort();
    server = await startPostgres({
      dataDir,
      port,
      databases: ['bundler', 'payment'],
      progress: (step) => steps.push(step),
      ...changes,
    });
    return server;
  }

  async function query(text: string, database = 'bundler'): Promise<Record<string, unknown>[]> {
    const client = new pg.Client({ connectionString: server?.url(database) ?? '' });
    await client.connect();
    try {
      return (await client.query<Record<string, unknown>>(text)).rows;
    } finally {
      await client.end();
    }
  }

  afterEach(() => server?.stop());
  afterAll(() => rmSync(directory, { recursive: true }));

  it('makes its data on the first run, says so, and serves every database with fsync on', async () => {
    await start({ settings: { max_connections: '37' } });
    expect(steps).toEqual([expect.stringContaining('Creating the PostgreSQL')]);
    expect(await query('show fsync')).toEqual([{ fsync: 'on' }]);
    expect(await query('show max_connections', 'payment')).toEqual([{ max_connections: '37' }]);
    await query(`create table kept as select 'first' as run`);
  });

  it('keeps its data and makes nothing anew on the next run', async () => {
    await start();
    expect(steps).toHaveLength(1);
    expect(await query('select run from kept')).toEqual([{ run: 'first' }]);
  });

  it('lets nobody in without the password, which its owner alone can read', async () => {
    const { url } = await start();
    const secret = readFileSync(`${dataDir}.password`, 'utf8').trim();
    expect(statSync(`${dataDir}.password`).mode & 0o077).toBe(0);
    const guess = new pg.Client({ connectionString: url('bundler').replace(secret, 'guess') });
    await expect(guess.connect()).rejects.toThrow(/password authentication failed/);
  });

  it('recovers what was committed when it was killed', async () => {
    const killed = await start();
    await query(`insert into kept values ('committed')`);
    killed.kill9();
    expect(await killed.exited).toEqual({ code: null, signal: 'SIGKILL' });
    await start();
    expect(await query('select run from kept order by run')).toEqual([{ run: 'committed' }, { run: 'first' }]);
  });

  it('starts although its lock file names a process that has nothing to do with it', async () => {
    const bystander = spawn('sleep', ['600']);
    await once(bystander, 'spawn');
    writeFileSync(join(dataDir, 'postmaster.pid'), `${bystander.pid}\n${dataDir}\n`);
    await start().finally(() => bystander.kill());
    expect(await query('select 1 as one')).toEqual([{ one: 1 }]);
  });

  it('refuses a second server on the same data', async () => {
    const first = await start();
    await expect(start()).rejects.toThrow(`PostgreSQL is already running as pid ${first.pid}`);
    expect(await query('select 1 as one')).toEqual([{ one: 1 }]);
  });

  it('names the port that is taken and the setting that changes it', async () => {
    const squatter = createServer().listen(0, '127.0.0.1');
    await once(squatter, 'listening');
    const { port } = squatter.address() as { port: number };
    await expect(start({ port, portSetting: 'DB_PORT' })).rejects.toThrow(
      new RegExp(`Port ${port} on 127.0.0.1 is taken by .*choose another port for PostgreSQL with DB_PORT`),
    );
    squatter.close();
  });

  it('fails with its own words when a setting is wrong', async () => {
    await expect(start({ settings: { shared_buffers: 'plenty' } })).rejects.toThrow(
      /ended while starting[^]*invalid value for parameter "shared_buffers"/,
    );
  });

  it('says that a given password is not the one of the data', async () => {
    await expect(start({ password: 'another' })).rejects.toThrow(/refuses its superuser/);
  });

  it('leaves no process when it is stopped, open sessions or not', async () => {
    const stopped = await start();
    const client = new pg.Client({ connectionString: stopped.url('bundler') });
    const errors: Error[] = [];
    client.on('error', (error) => errors.push(error));
    await client.connect();
    const ended = new Promise<void>((resolve) => client.once('end', resolve));
    await stopped.stop();
    await ended;
    expect(errors[0]?.message).toMatch(/terminating connection/);
    expect(processIdentity(stopped.pid)).toBeUndefined();
    expect(allPids().filter((pid) => processLink(pid, 'cwd') === dataDir)).toEqual([]);
  });
});
