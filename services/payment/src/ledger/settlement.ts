/** What a reservation can be: its credits held, spent, or given back. */
export type ReservationState = 'pending' | 'captured' | 'released' | 'refunded';

/** What can become of reserved credits: the item was accepted, it never was, or it ended as failed. */
export type Settlement = 'capture' | 'release' | 'refund';

/** The reason of the transfers that a settlement makes, and the state after it; nothing when it moves nothing. */
export interface Move {
  readonly reason: 'capture' | 'release' | 'refund';
  readonly to: ReservationState;
}

/**
 * What a settlement does with a reservation in a state. Each state is left once only, so whatever is asked twice moves
 * credits once: nothing that was given back is ever given back again.
 */
export function moveOf(settlement: Settlement, state: ReservationState): Move | undefined {
  return moves[settlement][state];
}

const moves: Readonly<Record<Settlement, Readonly<Partial<Record<ReservationState, Move>>>>> = {
  capture: { pending: { reason: 'capture', to: 'captured' } },
  release: { pending: { reason: 'release', to: 'released' } },
  // An item may fail before anybody has captured its credits; a capture that comes too late must not charge it anew.
  refund: { pending: { reason: 'release', to: 'refunded' }, captured: { reason: 'refund', to: 'refunded' } },
};
