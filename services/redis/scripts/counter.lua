-- seed: application, chat or '', last number, last create_time. Sets a counter that is not there. Replies 1 where it did.
function ops.seed()
  local key = counterKey(ARGV[2], ARGV[3])
  if redis.call('HEXISTS', key, 'n') == 1 then return 0 end
  redis.call('HSET', key, 'n', ARGV[4], 't', ARGV[5], 'w', clock())
  return 1
end

-- has: application, chat or ''. Whether there is a counter.
function ops.has() return redis.call('HEXISTS', counterKey(ARGV[2], ARGV[3]), 'n') end

-- close: application, chat or ''. What is deleted stays so.
function ops.close()
  local key = counterKey(ARGV[2], ARGV[3])
  if redis.call('HGET', key, 's') ~= 'd' then redis.call('HSET', key, 's', 'c') end
  return 1
end

local function open(key)
  if redis.call('HGET', key, 's') == 'c' then redis.call('HDEL', key, 's') end
end

-- open: pairs of application, chat or ''.
function ops.open()
  for i = 2, #ARGV, 2 do open(counterKey(ARGV[i], ARGV[i + 1])) end
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
      if digest == '' then
        redis.call('HSET', key, 'a', 1)
        redis.call('PEXPIRE', key, SURE_MS)
      else
        redis.call('HSET', key, 'd', digest, 'n', ARGV[i + 4], 't', ARGV[i + 5], 'k', 1)
        redis.call('PEXPIREAT', key, math.max(tonumber(ARGV[i + 5]) + ttl, now + 60000))
      end
    end
  end
  return 1
end
