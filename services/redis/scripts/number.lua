-- number: request ttl, look-up age, largest number; then of each run of wishes: application, chat or '', numbers a wish,
-- wishes, request or '', digest; more than one wish has no request. Replies of each run: outcome, first number,
-- create_time. Where not all wishes can have numbers, the first ones have.
local ASSIGNED, REPEATED, STORED, REUSED, ABSENT, CLOSED, MISSING, EXHAUSTED, UNKNOWN, NEW = 0, 1, 2, 3, 4, 5, 6, 7, 8, 9

local counters = {}

local function counterOf(application, chat)
  local key = counterKey(application, chat)
  local counter = counters[key]
  if not counter then
    local values = redis.call('HMGET', key, 'n', 't', 's', 'w', 'k')
    counter = {
      n = tonumber(values[1]),
      t = tonumber(values[2]),
      s = values[3],
      w = tonumber(values[4]),
      closing = values[5],
    }
    counters[key] = counter
  end
  return counter
end

-- What an earlier try was told; nothing where there was none. The second result is whether the database may know of one.
local function recall(key, digest)
  local values = redis.call('HMGET', key, 'd', 'n', 't', 'k', 'a')
  if not values[1] then return nil, not values[5] end
  if values[1] ~= digest then return { REUSED, 0, 0 } end
  return { values[4] and STORED or REPEATED, tonumber(values[2]), tonumber(values[3]) }
end

-- Why a counter gives no numbers; nothing where it does.
local function obstacle(application, chat)
  local above, own = counterOf(application, ''), counterOf(application, chat)
  if above.s == 'd' or own.s == 'd' then return ABSENT end
  if above.closing or own.closing then return CLOSED end
  if own.s == 'n' then return NEW end
  if not own.n then return MISSING end
end

local function assign(counter, count, now)
  local first = counter.n + 1
  counter.n = counter.n + count
  counter.t = math.max(counter.t or 0, now)
  counter.changed = true
  return { ASSIGNED, first, counter.t }
end

local function run(limits, application, chat, count, times, request, digest)
  local key = request ~= '' and requestKey(application, chat, request)
  local mayBeStored = false
  if key then
    local known
    known, mayBeStored = recall(key, digest)
    if known then return known end
  end
  local refusal = obstacle(application, chat)
  if refusal then return { refusal, 0, 0 } end
  local counter = counterOf(application, chat)
  if mayBeStored and counter.w and limits.now - counter.w < limits.lookUpAge then return { UNKNOWN, 0, 0 } end
  local fitting = math.min(times, math.floor((limits.max - counter.n) / count))
  if fitting < 1 then return { EXHAUSTED, 0, 0 } end
  local given = assign(counter, count * fitting, limits.now)
  if key then
    redis.call('HSET', key, 'd', digest, 'n', given[2], 't', given[3])
    redis.call('PEXPIREAT', key, math.max(given[3], limits.now) + limits.ttl)
  end
  -- A chat's own counter gives nothing until its record is stored.
  if chat == '' then
    redis.call('HSET', counterKey(application, given[2]), 'n', 0, 't', given[3], 's', 'n')
  end
  return given
end

function ops.number()
  local limits = { ttl = tonumber(ARGV[2]), lookUpAge = tonumber(ARGV[3]), max = tonumber(ARGV[4]), now = clock() }
  local reply = {}
  for i = 5, #ARGV, 6 do
    local given =
      run(limits, ARGV[i], ARGV[i + 1], tonumber(ARGV[i + 2]), tonumber(ARGV[i + 3]), ARGV[i + 4], ARGV[i + 5])
    for _, value in ipairs(given) do reply[#reply + 1] = value end
  end
  for key, counter in pairs(counters) do
    if counter.changed then redis.call('HSET', key, 'n', counter.n, 't', counter.t) end
  end
  return reply
end
