import type { BundleView } from './stage.ts';

/** What the development gateway counted, by route. */
export type RequestCounts = Readonly<Record<string, { readonly total: number }>>;

async function json<T>(url: string): Promise<T | undefined> {
  const response = await fetch(url);
  const text = await response.text();
  return response.status === 200 ? (JSON.parse(text) as T) : undefined;
}

/** Asks the gateway how far a bundle has come, and whether it can read `item` out of it. */
export async function viewBundle(gateway: string, bundle: string | undefined, item: string): Promise<BundleView> {
  if (bundle === undefined) return { known: false, confirmations: undefined, unpacked: false };
  const response = await fetch(`${gateway}/tx/${bundle}/status`);
  const text = await response.text();
  if (response.status !== 200) return { known: response.status === 202, confirmations: undefined, unpacked: false };
  // A pending transaction is answered with a word instead of JSON.
  const confirmations = text.startsWith('{')
    ? (JSON.parse(text) as { number_of_confirmations: number }).number_of_confirmations
    : undefined;
  const places = await json<unknown[]>(`${gateway}/dev/items/${item}`);
  return { known: true, confirmations, unpacked: (places ?? []).length > 0 };
}

export async function requestCounts(gateway: string): Promise<RequestCounts> {
  return (await json<RequestCounts>(`${gateway}/dev/requests`)) ?? {};
}

/** What was written to the gateway between two counts: every route that is not a mere question. */
export function writesBetween(before: RequestCounts, after: RequestCounts): string[] {
  return Object.entries(after).flatMap(([route, { total }]) => {
    const count = total - (before[route]?.total ?? 0);
    return count > 0 && !/^(GET|HEAD) /.test(route) ? [`${route} x${count}`] : [];
  });
}
