-- What processes share of facts. A scope, such as a chat, is a hash that ends after a while; its fields are `time value`,
-- with the time, in microseconds, at which the look-up began that led to the value. Marks say when something changed:
-- what was looked up before is not taken any more.
--
-- find    scope field, marks of what the scope is in      the time now; if it is held, the value and its time
-- keep    scope field time value ttl max held, marks      keeps it where no mark is as new
-- forget  for each change: scope, field or '', mark, its ttl, and a key where it is done once, or ''
--         then the ttl of such keys, the channel, and the message for all processes, who are told unless all was done before

local operation = ARGV[1]

local function now()
  local time = redis.call('TIME')
  return string.format('%.0f', time[1] * 1000000 + time[2])
end

-- Whether one of the marks from ARGV[first] on is as new as a time.
local function changed(first, time)
  for index = first, #ARGV do
    local mark = redis.call('GET', ARGV[index])
    if mark and tonumber(mark) >= tonumber(time) then return true end
  end
  return false
end

if operation == 'find' then
  local held = redis.call('HGET', ARGV[2], ARGV[3])
  if not held then return { now() } end
  local time, value = string.match(held, '^(%d+) (.*)$')
  if changed(4, time) then return { now() } end
  return { now(), value, time }
end

if operation == 'keep' then
  local scope, field, time, held = ARGV[2], ARGV[3], ARGV[4], ARGV[8]
  if changed(9, time) then return 0 end
  redis.call('HSET', scope, field, time .. ' ' .. ARGV[5])
  if redis.call('PTTL', scope) < 0 then redis.call('PEXPIRE', scope, ARGV[6]) end
  -- The oldest make room: each is in the order in which they came.
  redis.call('ZADD', held, time, scope .. ' ' .. field)
  redis.call('PEXPIRE', held, ARGV[6])
  local over = redis.call('ZCARD', held) - tonumber(ARGV[7])
  if over > 0 then
    for index, member in ipairs(redis.call('ZPOPMIN', held, over)) do
      if index % 2 == 1 then
        local old, name = string.match(member, '^(%S+) (.*)$')
        redis.call('HDEL', old, name)
      end
    end
  end
  return 1
end

local ttl, channel, message, isNew = ARGV[#ARGV - 2], ARGV[#ARGV - 1], ARGV[#ARGV], false
for index = 2, #ARGV - 3, 5 do
  local scope, field, once = ARGV[index], ARGV[index + 1], ARGV[index + 4]
  if once == '' or redis.call('SET', once, '', 'NX', 'PX', ttl) then
    if field == '' then redis.call('DEL', scope) else redis.call('HDEL', scope, field) end
    redis.call('SET', ARGV[index + 2], now(), 'PX', ARGV[index + 3])
    isNew = true
  end
end
if isNew then redis.call('PUBLISH', channel, message) end
return 1
