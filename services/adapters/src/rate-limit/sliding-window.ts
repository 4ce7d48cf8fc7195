/** A window is divided into so many steps: what Redis keeps of one identity is bounded, however many requests it sends. */
const STEPS = 64;

/**
 * The sliding window as one atomic script, on the clock of Redis: those of the processes differ.
 *
 * The value is a flat list of steps, each of the time of its first request, that of its last, and what they counted for,
 * in thousandths. A step takes requests for a 64th of the window and leaves it as a whole when its last request does:
 * so the window is never overfull, and a burst is forgotten exactly one window after its end.
 *
 * KEYS: the identity's. ARGV: maximum and cost in thousandths, window in milliseconds.
 * Returns: whether it is allowed, thousandths left, milliseconds to the first release, milliseconds to wait.
 */
export const slidingWindow = `
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
local max, cost, window = tonumber(ARGV[1]), tonumber(ARGV[2]), tonumber(ARGV[3])
local packed = redis.call('GET', KEYS[1])
local steps = packed and cmsgpack.unpack(packed) or {}
local kept, used = {}, 0
for i = 1, #steps, 3 do
  if steps[i + 1] + window > now then
    for j = i, i + 2 do kept[#kept + 1] = steps[j] end
    used = used + steps[i + 2]
  end
end
local allowed = used + cost <= max
local wait = 0
if allowed then
  local last = #kept - 2
  if last > 0 and now < kept[last] + window / ${STEPS} then
    kept[last + 1] = now
    kept[last + 2] = kept[last + 2] + cost
  else
    for _, value in ipairs({ now, now, cost }) do kept[#kept + 1] = value end
  end
  used = used + cost
  redis.call('SET', KEYS[1], cmsgpack.pack(kept), 'PX', window)
else
  wait = window
  local freed = 0
  for i = 1, #kept, 3 do
    freed = freed + kept[i + 2]
    if used - freed + cost <= max then
      wait = kept[i + 1] + window - now
      break
    end
  end
end
local reset = kept[2] and kept[2] + window - now or window
return { allowed and 1 or 0, math.max(0, max - used), reset, wait }
`;
