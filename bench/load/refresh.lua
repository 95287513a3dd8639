-- Refresh with rotation: each answer's refresh token goes to the end of a queue, each request takes the first.
local queue, first, last = {}, 1, 0
local body, refused = os.getenv("BODY"), 0
local headers = { ["Content-Type"] = "application/x-www-form-urlencoded" }

function init()
  for token in io.lines(os.getenv("TOKENS")) do last = last + 1; queue[last] = token end
end

function request()
  local token = queue[first]
  queue[first] = nil
  first = first + 1
  return wrk.format("POST", nil, headers, body .. "&refresh_token=" .. (token or "none-left"))
end

function response(status, _, answer)
  local token = status == 200 and answer:match('"refresh_token":"([^"]+)"')
  if token then last = last + 1; queue[last] = token end
end
