/** What says that a process lives; its id follows. */
export const PROCESS_PREFIX = 'in-flight:process:';

/**
 * Takes a mark that nobody has, or whose process has died. A client that was cut off by a crash comes back within
 * seconds, and a mark lasts minutes.
 *
 * KEYS: the mark, this process. ARGV: owner (process/upload), lifetimes of the mark and of the process, milliseconds.
 */
export const claim = `
redis.call('SET', KEYS[2], '1', 'PX', ARGV[3])
local holder = redis.call('GET', KEYS[1])
if holder and redis.call('EXISTS', '${PROCESS_PREFIX}' .. string.match(holder, '^[^/]+')) == 1 then return 0 end
redis.call('SET', KEYS[1], ARGV[1], 'PX', ARGV[2])
return 1
`;

/** KEYS: the mark. ARGV: owner, lifetime. One that was lost with its Redis is made again; another's is left alone. */
export const renew = `
local holder = redis.call('GET', KEYS[1])
if holder and holder ~= ARGV[1] then return 0 end
redis.call('SET', KEYS[1], ARGV[1], 'PX', ARGV[2])
return 1
`;

/** KEYS: the mark. ARGV: owner. */
export const release = `
if redis.call('GET', KEYS[1]) == ARGV[1] then return redis.call('DEL', KEYS[1]) end
return 0
`;
