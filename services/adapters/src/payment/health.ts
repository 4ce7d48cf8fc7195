/** Asks the payment service whether it lives; rejects when it does not say so within `timeoutMs`. */
export async function checkPaymentService(url: string, timeoutMs: number): Promise<void> {
  const answer = await fetch(`${url.replace(/\/+$/, '')}/health`, { signal: AbortSignal.timeout(timeoutMs) });
  await answer.body?.cancel();
  if (!answer.ok) throw new Error(`the payment service answered ${answer.status}`);
}
