/** The number of a panel, by its title: it stays the same wherever the panel is moved, so that links to it last. */
export function panelId(title: string): number {
  let hash = 0x811c9dc5;
  for (const byte of new TextEncoder().encode(title)) hash = Math.imul(hash ^ byte, 0x01000193);
  return (hash >>> 8) + 1;
}
