import { randomInt } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { allPids, commandLine, processLink } from './process-table.ts';

export type PortOwner = { readonly pid: number; readonly command: string };

/**
 * Below the ports that systems give to outgoing connections (32768 and up on Linux): on a busy machine one of those
 * takes a port between the look and the use.
 */
const FREE_PORTS = { from: 20_000, to: 32_767 };
const TRIES = 20;

/** A TCP port of 127.0.0.1 that nobody listens on now. Somebody else may take it before you do: bind it soon. */
export async function freePort(): Promise<number> {
  for (let tries = 0; tries < TRIES; tries += 1) {
    const port = await listenOnce(randomInt(FREE_PORTS.from, FREE_PORTS.to + 1)).catch(() => undefined);
    if (port !== undefined) return port;
  }
  return listenOnce(0);
}

/**
 * Throws when 127.0.0.1:`port` cannot be listened on, naming who holds it where that can be told and `setting`, which
 * changes the port.
 */
export async function requireFreePort(port: number, name: string, setting: string): Promise<void> {
  try {
    await listenOnce(port);
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code;
    throw new Error(portErrorText({ port, name, setting, code, owner: portOwner(port) }), { cause: error });
  }
}

/** The process that listens on a TCP port of this machine; undefined when none does or it cannot be told (Linux only). */
export function portOwner(port: number): PortOwner | undefined {
  const inodes = ['/proc/net/tcp', '/proc/net/tcp6'].flatMap((table) => listeningInodes(readTable(table), port));
  const links = new Set(inodes.map((inode) => `socket:[${inode}]`));
  if (links.size === 0) return undefined;
  const pid = allPids().find((candidate) => fileDescriptors(candidate).some((link) => links.has(link)));
  return pid === undefined ? undefined : { pid, command: commandLine(pid) ?? 'unknown' };
}

/** The socket inodes that listen on `port` in a table in the format of /proc/net/tcp (proc_net_tcp(5); 0A is LISTEN). */
export function listeningInodes(table: string, port: number): string[] {
  const suffix = `:${port.toString(16).toUpperCase().padStart(4, '0')}`;
  return table
    .split('\n')
    .map((line) => line.trim().split(/\s+/))
    .filter((columns) => columns[1]?.endsWith(suffix) && columns[3] === '0A')
    .flatMap((columns) => columns[9] ?? []);
}

type PortError = {
  port: number;
  name: string;
  setting: string;
  code: string | undefined;
  owner: PortOwner | undefined;
};

/** Says which port, by whom it is held, and what to change. */
export function portErrorText({ port, name, setting, code, owner }: PortError): string {
  const remedy = `choose another port for ${name} with ${setting}`;
  if (code !== 'EADDRINUSE') return `Port ${port} on 127.0.0.1 cannot be listened on (${code}); ${remedy}`;
  const holder = owner === undefined ? 'another process' : `pid ${owner.pid} (${owner.command})`;
  return `Port ${port} on 127.0.0.1 is taken by ${holder}; stop it, or ${remedy}`;
}

function listenOnce(port: number): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.once('error', reject);
    server.listen({ host: '127.0.0.1', port, exclusive: true }, () => {
      const address = server.address();
      const bound = typeof address === 'object' && address !== null ? address.port : port;
      server.close(() => resolve(bound));
    });
  });
}

function fileDescriptors(pid: number): string[] {
  try {
    return readdirSync(`/proc/${pid}/fd`).flatMap((fd) => processLink(pid, `fd/${fd}`) ?? []);
  } catch {
    // Another user's process, or one that ended meanwhile.
    return [];
  }
}

function readTable(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return '';
  }
}
