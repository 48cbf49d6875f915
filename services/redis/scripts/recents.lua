-- Messages are held in a hash a chat, number → bytes, and for one that was edited its revision. LRU orders the chats by
-- their last record, BYTES sums them up.
local LRU, BYTES = PREFIX .. 'lru', PREFIX .. 'bytes'
local HELD_MAX, OVERHEAD_BYTES, NUMBERS_MAX = 500, 100, 10000
-- Values that one command is given at most: Lua's stack has room for 8,000.
local CHUNK = 1000

-- What is held of a chat: the last record added; the lowest number; the record from which those below it are in the
-- database; the bytes; the highest number that was ever held. Where nothing is, the lowest number is 0. As one field, since
-- five take 4 µs longer a chat.
local function packHeld(newest, from, complete, bytes, highest)
  return struct.pack('>ddddd', newest, from, complete, bytes, highest)
end

local function unpackHeld(packed)
  if not packed then return 0, 0, 0, 0, 0 end
  return struct.unpack('>ddddd', packed)
end

local function revisionField(number) return 'r' .. number end

local function forget(id)
  local key = PREFIX .. 'c:' .. id
  -- Even where somebody deleted the counter: else who makes room would find it again and again.
  redis.call('ZREM', LRU, id)
  local newest, from, _, bytes, highest = unpackHeld(redis.call('HGET', key, 'm'))
  if from == 0 then return end
  redis.call('UNLINK', windowKey(id))
  redis.call('HSET', key, 'm', packHeld(newest, 0, 0, 0, highest))
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
  local kept, bytes, gone = last - HELD_MAX + 1, 0, {}
  for number = from, kept - 1 do
    local length = redis.call('HSTRLEN', window, number)
    if length > 0 then
      bytes = bytes + length + OVERHEAD_BYTES
      gone[#gone + 1] = number
      gone[#gone + 1] = revisionField(number)
    end
  end
  for first = 1, #gone, CHUNK do
    redis.call('HDEL', window, unpack(gone, first, math.min(first + CHUNK - 1, #gone)))
  end
  return kept, bytes
end

-- Adds what is not held of the numbers from `from` on. Replies the bytes that came, and whether a number was lower.
local function enter(window, from, highest, first, last)
  local bytes, isBelow, known = 0, false, first
  -- None that is higher than all that were ever held is held: they go in together, for 0.6 µs each instead of 1.
  local lowest = math.max(from, highest + 1)
  while known < last and tonumber(ARGV[known]) < lowest do known = known + 2 end
  for i = first, last, 2 do
    local length = #ARGV[i + 1] + OVERHEAD_BYTES
    if i >= known then bytes = bytes + length
    elseif tonumber(ARGV[i]) < from then isBelow = true
    elseif redis.call('HSETNX', window, ARGV[i], ARGV[i + 1]) == 1 then bytes = bytes + length end
  end
  for i = known, last, CHUNK do redis.call('HSET', window, unpack(ARGV, i, math.min(i + CHUNK - 1, last))) end
  return bytes, isBelow
end

-- What the batches of a call come to: bytes that were added, members of LRU.
local added, written = 0, {}

-- Whether readers see the messages of a batch now.
local function addBatch(sequence, application, id, repeated, first, last)
  local key, window = PREFIX .. 'c:' .. id, windowKey(id)
  local values = redis.call('HMGET', key, 'n', 's', 'g', 'm')
  local n, changed = tonumber(values[1]), tonumber(values[3]) or 0
  if not n or values[2] == 'd' or isApplicationDeleted(application) then return false end
  local newest, from, complete, held, highest = unpackHeld(values[4])
  newest = math.max(newest, sequence)
  -- What the writer may have changed already must not come back as it was.
  if repeated or sequence <= changed then
    redis.call('HSET', key, 'm', packHeld(newest, from, complete, held, highest))
    return false
  end
  -- What was shown and forgotten may not be in the database yet: nothing begins below it.
  if from == 0 then from, complete = math.max(tonumber(ARGV[first]), highest + 1), newest end
  local bytes, isBelow = enter(window, from, highest, first, last)
  if isBelow then complete = math.max(complete, sequence) end
  added = added + bytes
  if n - from > NUMBERS_MAX then
    redis.call('HSET', key, 'm', packHeld(newest, from, complete, held + bytes, highest))
    forget(id)
    return false
  end
  if n - from >= 2 * HELD_MAX then
    local gone
    from, gone = shorten(window, from, n)
    complete, bytes, added = newest, bytes - gone, added - gone
  end
  highest = math.max(highest, tonumber(ARGV[last - 1]))
  redis.call('HSET', key, 'm', packHeld(newest, from, complete, held + bytes, highest))
  written[#written + 1] = sequence
  written[#written + 1] = id
  return true
end

-- add: sequence of the record, largest number of bytes; then batches: application, its chat as 'application/chat',
-- repeated (0 or 1), count, and as often number, bytes, in the order of the numbers. A chat has one batch that is not
-- repeated. Replies 1 where readers see all of it.
function ops.add()
  local sequence, shown, i = tonumber(ARGV[2]), 1, 4
  while ARGV[i] do
    local last = i + 3 + 2 * tonumber(ARGV[i + 3])
    if not addBatch(sequence, ARGV[i], ARGV[i + 1], ARGV[i + 2] == '1', i + 4, last) then shown = 0 end
    i = last + 1
  end
  for first = 1, #written, CHUNK do
    redis.call('ZADD', LRU, unpack(written, first, math.min(first + CHUNK - 1, #written)))
  end
  redis.call('INCRBY', BYTES, added)
  evict(tonumber(ARGV[3]))
  return shown
end

-- A writer that stood still may tell of an edit when another has told of later ones.
local function replace(id, number, bytes, revision)
  local window = windowKey(id)
  local length = redis.call('HSTRLEN', window, number)
  if length == 0 or revision <= (tonumber(redis.call('HGET', window, revisionField(number))) or 0) then return end
  redis.call('HSET', window, number, bytes, revisionField(number), revision)
  local key = PREFIX .. 'c:' .. id
  local newest, from, complete, held, highest = unpackHeld(redis.call('HGET', key, 'm'))
  redis.call('HSET', key, 'm', packHeld(newest, from, complete, held + #bytes - length, highest))
  redis.call('INCRBY', BYTES, #bytes - length)
end

-- Adds a message of the system, which the writer stored when others around it may be held already.
local function insert(id, number, bytes)
  local key = PREFIX .. 'c:' .. id
  local newest, from, complete, held, highest = unpackHeld(redis.call('HGET', key, 'm'))
  if from == 0 or number < from or redis.call('HSETNX', windowKey(id), number, bytes) == 0 then return end
  local length = #bytes + OVERHEAD_BYTES
  redis.call('HSET', key, 'm', packHeld(newest, from, complete, held + length, math.max(highest, number)))
  redis.call('INCRBY', BYTES, length)
end

-- change: of each change: kind ('changed', 'added', 'stale', 'chatDeleted', 'applicationDeleted'), sequence, application, chat or
-- '', number, bytes, revision.
function ops.change()
  for i = 2, #ARGV, 7 do
    local kind, sequence, application, chat = ARGV[i], tonumber(ARGV[i + 1]), ARGV[i + 2], ARGV[i + 3]
    local key, id = counterKey(application, chat), application .. '/' .. chat
    redis.call('HSET', key, 'g', math.max(tonumber(redis.call('HGET', key, 'g')) or 0, sequence))
    if kind == 'changed' then
      replace(id, ARGV[i + 4], ARGV[i + 5], tonumber(ARGV[i + 6]))
    elseif kind == 'added' then
      insert(id, tonumber(ARGV[i + 4]), ARGV[i + 5])
    elseif kind == 'stale' then
      forget(id)
    else
      redis.call('HSET', key, 's', 'd')
      if chat ~= '' then forget(id) end
    end
  end
  return 1
end

-- The messages of numbers in steps, as many as asked for, at the end of a reply. Gives whether none was missing before.
local function collect(reply, window, first, last, step, limit)
  local found, whole, size = 0, 1, math.min(limit, CHUNK)
  while (last - first) * step >= 0 do
    local numbers = {}
    for number = first, first + step * (size - 1), step do
      if (last - number) * step < 0 then break end
      numbers[#numbers + 1] = number
    end
    for i, bytes in ipairs(redis.call('HMGET', window, unpack(numbers))) do
      if found >= limit then return found, whole end
      if bytes then
        found = found + 1
        reply[#reply + 1] = numbers[i]
        reply[#reply + 1] = bytes
      else
        whole = 0
      end
    end
    if found >= limit then break end
    first, size = first + step * #numbers, CHUNK
  end
  return found, whole
end

-- Appends what is held of a query, as ops.read says.
local function readWindow(reply, application, chat, after, before, newestFirst, limit)
  local values = redis.call('HMGET', counterKey(application, chat), 'n', 's', 'm')
  local _, from, complete = unpackHeld(values[3])
  local begin = #reply
  if from == 0 or values[2] == 'd' or isApplicationDeleted(application) then
    reply[begin + 1] = -1
    return
  end
  local low, high = math.max(after + 1, from), math.min(before - 1, tonumber(values[1]))
  for i, value in ipairs({ 0, from, complete, 1 }) do reply[begin + i] = value end
  if low > high then return end
  local window = windowKey(application .. '/' .. chat)
  if newestFirst then reply[begin + 1], reply[begin + 4] = collect(reply, window, high, low, -1, limit)
  else reply[begin + 1], reply[begin + 4] = collect(reply, window, low, high, 1, limit) end
end

-- read: of each query: application, chat, after, before, newest first (0 or 1), limit. Replies of each query: -1 where
-- nothing of the chat is held; else how many messages, lowest number held, record, whole (0 or 1), and of each message
-- its number and its bytes.
function ops.read()
  local reply = {}
  for i = 2, #ARGV, 6 do
    local after, before, limit = tonumber(ARGV[i + 2]), tonumber(ARGV[i + 3]), tonumber(ARGV[i + 5])
    readWindow(reply, ARGV[i], ARGV[i + 1], after, before, ARGV[i + 4] == '1', limit)
  end
  return reply
end
