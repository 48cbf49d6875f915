-- Begins each script. PREFIX carries the installation, the epoch and its life.
local ops = {}

local function counterKey(application, chat)
  if chat == '' then return PREFIX .. 'c:' .. application end
  return PREFIX .. 'c:' .. application .. '/' .. chat
end

local function windowKey(id) return PREFIX .. 'm:' .. id end

local function requestKey(application, chat, request)
  return PREFIX .. 'r:' .. application .. '/' .. chat .. '/' .. request
end

-- Deletions under way, by the time of their begin.
local function closingsKey(counter) return counter .. ':k' end

-- Milliseconds since 1970.
local function clock()
  local time = redis.call('TIME')
  return time[1] * 1000 + math.floor(time[2] / 1000)
end

-- A counter is a hash: n the last number, t the last create_time, s its state (none, 'n': new, until the record of its
-- chat is stored, 'd': deleted), k is there while a deletion is under way, w when it was taken from the database (none:
-- made with its chat), g the last record whose change the writer made, m what is held of its messages (recents.lua).

local deleted = {}

-- Asked of each application once a call.
local function isApplicationDeleted(application)
  if deleted[application] == nil then
    deleted[application] = redis.call('HGET', counterKey(application, ''), 's') == 'd'
  end
  return deleted[application]
end
