import { crowd, type Load, type Profile, shared, steady } from './profile.ts';

/** So many refusals a second that the few calls that try whether the service is back are less than one in twenty. */
const MANY = 40;

/** Two hundred at once while the payment service is well; then it hangs, then it is well again. */
export const breaker = ({ size, scale }: Load): Profile => {
  const [healthy, opening, open, recovering, after] = size === 'short' ? [20, 6, 8, 8, 6] : [60, 20, 100, 40, 30];
  const rate = Math.max(5, 50 * scale);
  const downAt = healthy;
  const openAt = downAt + opening;
  const backAt = openAt + open;
  const wellAt = backAt + recovering;
  return {
    corpus: { mix: 'paid' },
    scenarios: {
      healthy: crowd(200, size === 'short' ? 1 : 10),
      hang: shared(1, 1, downAt, 0),
      opening: steady(rate, opening, downAt),
      open: steady(Math.max(MANY, rate), open, openAt),
      heal: shared(1, 1, backAt, 0),
      recovering: steady(rate, recovering, backAt),
      after: steady(rate, after, wellAt),
    },
  };
};
