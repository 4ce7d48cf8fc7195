const makers = ['alloc', 'allocUnsafe', 'allocUnsafeSlow', 'concat'] as const;

/** Bytes of buffers that a piece of synchronous work asks for. Counted, not measured: a garbage collector has no say. */
export function allocatedBy(work: () => void): number {
  let total = 0;
  const originals = makers.map((name) => [name, Buffer[name]] as const);
  for (const [name, original] of originals) {
    const counting = (...args: unknown[]): Buffer => {
      // Told before it is made: what is too large to be had must count too.
      if (name !== 'concat') total += Number(args[0]);
      const made = (original as (...args: unknown[]) => Buffer).apply(Buffer, args);
      if (name === 'concat') total += made.length;
      return made;
    };
    Object.assign(Buffer, { [name]: counting });
  }
  try {
    work();
  } finally {
    for (const [name, original] of originals) Object.assign(Buffer, { [name]: original });
  }
  return total;
}
