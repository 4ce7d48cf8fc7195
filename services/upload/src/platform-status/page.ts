import { createHash } from 'node:crypto';
import type { PartState, PlatformPart, PlatformStatus } from '@bundler/contract';

const names: Readonly<Record<PlatformPart, string>> = {
  database: 'Database',
  objectStore: 'Object store',
  queues: 'Queues',
  cache: 'Cache',
  workers: 'Workers',
  gateway: 'Arweave gateway',
  payment: 'Payments',
};

const headlines: Readonly<Record<PlatformStatus['status'], string>> = {
  ok: 'Everything works',
  degraded: 'Uploads are accepted; some parts do not work',
  down: 'Uploads are not accepted',
};

/** A sign beside each word: nobody should need colours to read it. */
const signs: Readonly<Record<PartState, string>> = { up: '✓', down: '✗', unknown: '?', off: '–' };
const words: Readonly<Record<PartState, string>> = { up: 'works', down: 'down', unknown: 'unknown', off: 'not used' };

const STYLE = `
:root { color-scheme: light dark; --ink: #1b1f24; --quiet: #57606a; --line: #d0d7de; --good: #1a6b34; --bad: #b3261e; --odd: #7a5200; --ground: #fff }
@media (prefers-color-scheme: dark) {
  :root { --ink: #e6edf3; --quiet: #9aa6b2; --line: #3a434d; --good: #5fd38d; --bad: #ff8a80; --odd: #f0c060; --ground: #12161b }
}
body { margin: 2rem auto; max-width: 46rem; padding: 0 1rem; background: var(--ground); color: var(--ink); font: 1rem/1.5 system-ui, sans-serif }
h1 { font-size: 1.5rem; margin: 0 }
h2 { font-size: 1.1rem; margin: 2rem 0 .5rem }
.quiet { color: var(--quiet) }
.ok, .up { color: var(--good) }
.down { color: var(--bad) }
.degraded, .unknown { color: var(--odd) }
.off { color: var(--quiet) }
table { border-collapse: collapse; width: 100% }
.wide { overflow-x: auto }
th, td { border-bottom: 1px solid var(--line); padding: .35rem .75rem .35rem 0; text-align: left }
td.number, th.number { text-align: right; font-variant-numeric: tabular-nums }
dl { display: grid; grid-template-columns: max-content 1fr; gap: .35rem 1.5rem; margin: 0 }
dt { color: var(--quiet) }
dd { margin: 0; overflow-wrap: anywhere }
:focus-visible { outline: 3px solid var(--odd); outline-offset: 2px }
`;

const REFRESH_SECONDS = 10;

/** Puts the next page's content in the place of this one's. Whoever needs the page to hold still says so. */
const SCRIPT = `
const still = document.querySelector('#still'), note = document.querySelector('#note');
still.closest('p').hidden = false;
setInterval(async () => {
  if (still.checked || document.hidden) return;
  try {
    const answer = await fetch(location.pathname, { headers: { accept: 'text/html' } });
    if (!answer.ok) throw new Error(answer.status);
    const next = new DOMParser().parseFromString(await answer.text(), 'text/html');
    for (const part of ['#headline', '#state']) {
      const [now, then] = [document.querySelector(part), next.querySelector(part)];
      if (now.innerHTML !== then.innerHTML) now.replaceChildren(...then.childNodes);
    }
    note.textContent = '';
  } catch {
    note.textContent = 'This page could not be refreshed: what it shows is old.';
  }
}, ${REFRESH_SECONDS} * 1000);
`;

const hashOf = (text: string): string => `'sha256-${createHash('sha256').update(text).digest('base64')}'`;

/** Nothing but what stands in the page itself, and the page once more. */
export const PAGE_HEADERS = {
  'content-type': 'text/html; charset=utf-8',
  'content-security-policy': `default-src 'none'; style-src ${hashOf(STYLE)}; script-src ${hashOf(SCRIPT)}; connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'`,
  'x-content-type-options': 'nosniff',
  'referrer-policy': 'no-referrer',
} as const;

/** The status as a page for people. Times are of the server's clock, in UTC. */
export function statusPage(status: PlatformStatus): string {
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Bundler status</title>
<style>${STYLE}</style>
</head>
<body>
<main>
<h1 id="headline" role="status"><span class="${status.status}">${escape(headlines[status.status])}</span></h1>
<div id="state">
<p class="quiet">${escape(new Date(status.checkedAt).toISOString().slice(0, 19).replace('T', ' '))} UTC, version ${escape(status.version)}</p>
<h2>Parts</h2>
<dl>${Object.entries(status.parts).map(partRow).join('')}</dl>
<h2>Pipeline</h2>
<dl>${pipelineRows(status)}</dl>
<h2>Queues</h2>
${queueTable(status.queues)}
</div>
<p hidden><label><input id="still" type="checkbox"> Do not refresh this page every ${REFRESH_SECONDS} seconds</label></p>
<p id="note" role="alert"></p>
<p><a href="status.json">The same as JSON</a></p>
</main>
<script>${SCRIPT}</script>
</body>
</html>
`;
}

function partRow([part, state]: [string, PartState]): string {
  return `<dt>${names[part as PlatformPart]}</dt><dd class="${state}"><span aria-hidden="true">${signs[state]}</span> ${words[state]}</dd>`;
}

function pipelineRows({ oldestItemAge, lastBundle, parts }: PlatformStatus): string {
  const nothing = (text: string): string => (parts.database === 'up' ? text : 'unknown');
  const bundle = lastBundle
    ? `${lastBundle.state}, ${lastBundle.itemCount} items, ${lastBundle.byteCount} bytes, packed ${duration(lastBundle.age)} ago${lastBundle.id === null ? '' : `<br><code>${escape(lastBundle.id)}</code>`}`
    : nothing('none yet');
  const oldest = oldestItemAge === null ? nothing('none waits') : `waits ${duration(oldestItemAge)}`;
  return `<dt>Oldest item without a bundle</dt><dd>${oldest}</dd><dt>Last bundle</dt><dd>${bundle}</dd>`;
}

function queueTable(queues: PlatformStatus['queues']): string {
  if (!queues) return '<p class="down">The queues do not answer. Uploads are accepted all the same, and wait.</p>';
  const number = (value: string | number): string => `<td class="number">${value}</td>`;
  const rows = queues.map(
    ({ queue, waiting, active, failed, oldestJobAge, workers }) =>
      `<tr><th scope="row">${escape(queue)}</th>${number(waiting)}${number(oldestJobAge === null ? '' : duration(oldestJobAge))}${number(active)}${number(failed)}${number(workers ?? '?')}</tr>`,
  );
  const heads = ['waiting', 'oldest', 'running', 'failed', 'workers'];
  const head = heads.map((text) => `<th scope="col" class="number">${text}</th>`).join('');
  return `<div class="wide" tabindex="0" role="region" aria-label="Queues"><table><thead><tr><th scope="col">queue</th>${head}</tr></thead><tbody>${rows.join('')}</tbody></table></div>`;
}

/** Seconds as people say them: 42 s, 3 min, 5 h, 2 d. */
export function duration(seconds: number): string {
  if (seconds < 120) return `${Math.round(seconds)} s`;
  if (seconds < 7200) return `${Math.round(seconds / 60)} min`;
  if (seconds < 172_800) return `${Math.round(seconds / 3600)} h`;
  return `${Math.round(seconds / 86_400)} d`;
}

function escape(text: string): string {
  return text.replace(/[&<>"']/g, (character) => `&#${character.charCodeAt(0)};`);
}
