-- Messages are held in a hash a chat, number → bytes, and for one that was edited its revision. LRU orders the chats by
-- their last record, BYTES sums them up.
local LRU, BYTES = PREFIX .. 'lru', PREFIX .. 'bytes'
local HELD_MAX, OVERHEAD_BYTES, NUMBERS_MAX = 500, 100, 10000

local function revisionField(number) return 'r' .. number end

local function forget(id)
  local key = PREFIX .. 'c:' .. id
  -- Even where somebody deleted the counter: else who makes room would find it again and again.
  redis.call('ZREM', LRU, id)
  local bytes = redis.call('HGET', key, 'b')
  if not bytes then return end
  redis.call('UNLINK', windowKey(id))
  redis.call('HDEL', key, 'f', 'q', 'b')
  redis.call('DECRBY', BYTES, bytes)
end

local function evict(maxBytes)
  while tonumber(redis.call('GET', BYTES) or 0) > maxBytes do
    local oldest = redis.call('ZRANGE', LRU, 0, 0)[1]
    if not oldest then return end
    forget(oldest)
  end
end

-- Drops all but the newest. Replies the new lowest number, and the bytes that are gone.
local function shorten(window, from, last)
  local kept, bytes = last - HELD_MAX + 1, 0
  for number = from, kept - 1 do
    local length = redis.call('HSTRLEN', window, number)
    if length > 0 then
      redis.call('HDEL', window, number, revisionField(number))
      bytes = bytes + length + OVERHEAD_BYTES
    end
  end
  return kept, bytes
end

-- Whether readers see the messages of a batch now.
local function addBatch(sequence, application, chat, repeated, first, last)
  local id = application .. '/' .. chat
  local key, window = counterKey(application, chat), windowKey(id)
  local values = redis.call('HMGET', key, 'n', 'x', 'g', 'f', 'q', 'b', 'h')
  local n, changed = tonumber(values[1]), tonumber(values[3]) or 0
  if not n or isDeleted(application, chat) then return false end
  local newest = math.max(tonumber(values[2]) or 0, sequence)
  redis.call('HSET', key, 'x', newest)
  -- What the writer may have changed already must not come back as it was.
  if repeated or sequence <= changed then return false end
  -- What was shown and forgotten may not be in the database yet: nothing begins below it.
  local highest, complete, bytes = tonumber(values[7]) or 0, tonumber(values[5]) or newest, 0
  local from = tonumber(values[4]) or math.max(tonumber(ARGV[first]), highest + 1)
  for i = first, last, 2 do
    if tonumber(ARGV[i]) < from then
      complete = math.max(complete, sequence)
    elseif redis.call('HSETNX', window, ARGV[i], ARGV[i + 1]) == 1 then
      bytes = bytes + #ARGV[i + 1] + OVERHEAD_BYTES
    end
  end
  if n - from >= 2 * HELD_MAX then
    if n - from > NUMBERS_MAX then
      redis.call('HSET', key, 'b', (tonumber(values[6]) or 0) + bytes)
      redis.call('INCRBY', BYTES, bytes)
      forget(id)
      return false
    end
    local gone
    from, gone = shorten(window, from, n)
    complete, bytes = newest, bytes - gone
  end
  highest = math.max(highest, tonumber(ARGV[last - 1]))
  redis.call('HSET', key, 'f', from, 'q', complete, 'b', (tonumber(values[6]) or 0) + bytes, 'h', highest)
  redis.call('ZADD', LRU, sequence, id)
  redis.call('INCRBY', BYTES, bytes)
  return true
end

-- add: sequence of the record, largest number of bytes; then batches: application, chat, repeated (0 or 1), count, and
-- as often number, bytes. Replies 1 where readers see all of it.
function ops.add()
  local sequence, shown, i = tonumber(ARGV[2]), 1, 4
  while ARGV[i] do
    local last = i + 3 + 2 * tonumber(ARGV[i + 3])
    if not addBatch(sequence, ARGV[i], ARGV[i + 1], ARGV[i + 2] == '1', i + 4, last) then shown = 0 end
    i = last + 1
  end
  evict(tonumber(ARGV[3]))
  return shown
end

-- A writer that stood still may tell of an edit when another has told of later ones.
local function replace(id, number, bytes, revision)
  local window = windowKey(id)
  local length = redis.call('HSTRLEN', window, number)
  if length == 0 or revision <= (tonumber(redis.call('HGET', window, revisionField(number))) or 0) then return end
  redis.call('HSET', window, number, bytes, revisionField(number), revision)
  redis.call('HINCRBY', PREFIX .. 'c:' .. id, 'b', #bytes - length)
  redis.call('INCRBY', BYTES, #bytes - length)
end

-- change: of each change: kind ('changed', 'refused', 'chatDeleted', 'applicationDeleted'), sequence, application, chat or
-- '', number, bytes, revision.
function ops.change()
  for i = 2, #ARGV, 7 do
    local kind, sequence, application, chat = ARGV[i], tonumber(ARGV[i + 1]), ARGV[i + 2], ARGV[i + 3]
    local key, id = counterKey(application, chat), application .. '/' .. chat
    redis.call('HSET', key, 'g', math.max(tonumber(redis.call('HGET', key, 'g')) or 0, sequence))
    if kind == 'changed' then
      replace(id, ARGV[i + 4], ARGV[i + 5], tonumber(ARGV[i + 6]))
    elseif kind == 'refused' then
      forget(id)
    else
      redis.call('HSET', key, 's', 'd')
      if chat ~= '' then forget(id) end
    end
  end
  return 1
end

local CHUNK = 100

-- The messages of numbers in steps, as many as asked for, and whether none was missing before.
local function collect(window, first, last, step, limit)
  local found, whole = {}, 1
  for start = first, last, step * CHUNK do
    local stop = start + step * (CHUNK - 1)
    if (last - stop) * step < 0 then stop = last end
    local numbers = {}
    for number = start, stop, step do numbers[#numbers + 1] = number end
    for _, bytes in ipairs(redis.call('HMGET', window, unpack(numbers))) do
      if #found >= limit then return found, whole end
      if bytes then found[#found + 1] = bytes else whole = 0 end
    end
  end
  return found, whole
end

-- read: application, chat, after, before, newest first (0 or 1), limit. Replies lowest number held, record, whole (0 or
-- 1), messages; or nothing.
function ops.read()
  local application, chat = ARGV[2], ARGV[3]
  local values = redis.call('HMGET', counterKey(application, chat), 'n', 'f', 'q')
  local from = tonumber(values[2])
  if not from or isDeleted(application, chat) then return false end
  local low = math.max(tonumber(ARGV[4]) + 1, from)
  local high = math.min(tonumber(ARGV[5]) - 1, tonumber(values[1]))
  local limit = tonumber(ARGV[7])
  local newestFirst = ARGV[6] == '1'
  local found, whole = {}, 1
  if low <= high then
    if newestFirst then found, whole = collect(windowKey(application .. '/' .. chat), high, low, -1, limit)
    else found, whole = collect(windowKey(application .. '/' .. chat), low, high, 1, limit) end
  end
  return { from, tonumber(values[3]), whole, found }
end
