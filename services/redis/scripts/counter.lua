-- seed: application, chat or '', last number, last create_time. Sets a counter that is not there. Replies 1 where it did.
function ops.seed()
  local key = counterKey(ARGV[2], ARGV[3])
  if redis.call('HEXISTS', key, 'n') == 1 then return 0 end
  redis.call('HSET', key, 'n', ARGV[4], 't', ARGV[5], 'w', clock())
  return 1
end

-- has: application, chat or ''. Whether there is a counter.
function ops.has() return redis.call('HEXISTS', counterKey(ARGV[2], ARGV[3]), 'n') end

-- close: application, chat or '', id of the deletion. Replies the last number given, 0 where none was in this life.
function ops.close()
  local key = counterKey(ARGV[2], ARGV[3])
  redis.call('ZADD', closingsKey(key), clock(), ARGV[4])
  redis.call('SET', PREFIX .. 'k:' .. ARGV[4], key)
  redis.call('HSET', key, 'k', 1)
  return tonumber(redis.call('HGET', key, 'n') or 0)
end

local function reopen(id)
  local key = redis.call('GET', PREFIX .. 'k:' .. id)
  if not key then return end
  redis.call('DEL', PREFIX .. 'k:' .. id)
  redis.call('ZREM', closingsKey(key), id)
  if redis.call('EXISTS', closingsKey(key)) == 0 then redis.call('HDEL', key, 'k') end
end

-- reopen: ids of deletions that are over.
function ops.reopen()
  for i = 2, #ARGV do reopen(ARGV[i]) end
  return 1
end

-- closed: application, chat or ''. For how many milliseconds the oldest deletion is under way, -1 where none is.
function ops.closed()
  local oldest = -1
  for _, chat in ipairs({ '', ARGV[3] }) do
    local first = redis.call('ZRANGE', closingsKey(counterKey(ARGV[2], chat)), 0, 0, 'WITHSCORES')
    if first[2] then oldest = math.max(oldest, clock() - tonumber(first[2])) end
  end
  return oldest
end

local function open(key)
  if redis.call('HGET', key, 's') == 'n' then redis.call('HDEL', key, 's') end
end

-- open: application, chat. The record of a new chat is stored.
function ops.open()
  open(counterKey(ARGV[2], ARGV[3]))
  return 1
end

-- settle: of each create that is stored: application, chat or '', first number, request or ''. A new chat's counter opens.
function ops.settle()
  for i = 2, #ARGV, 4 do
    local application, chat, first, request = ARGV[i], ARGV[i + 1], ARGV[i + 2], ARGV[i + 3]
    if chat == '' then open(counterKey(application, first)) end
    local key = request ~= '' and requestKey(application, chat, request)
    if key and redis.call('HEXISTS', key, 'd') == 1 then redis.call('HSET', key, 'k', 1) end
  end
  return 1
end

local SURE_MS = 3600000

-- remember: request ttl; then of each request that was looked up in the database: application, chat or '', request, and
-- its digest, first number and create_time, or '', 0, 0 where the database does not know it.
function ops.remember()
  local ttl, now = tonumber(ARGV[2]), clock()
  for i = 3, #ARGV, 6 do
    local key, digest = requestKey(ARGV[i], ARGV[i + 1], ARGV[i + 2]), ARGV[i + 3]
    if redis.call('HEXISTS', key, 'd') == 0 then
      -- By the clock that gave its time.
      local isOver = tonumber(ARGV[i + 5]) + ttl <= now
      if digest == '' or isOver then
        redis.call('HSET', key, 'a', 1)
        redis.call('PEXPIRE', key, SURE_MS)
      else
        redis.call('HSET', key, 'd', digest, 'n', ARGV[i + 4], 't', ARGV[i + 5], 'k', 1)
        redis.call('PEXPIREAT', key, tonumber(ARGV[i + 5]) + ttl)
      end
    end
  end
  return 1
end
