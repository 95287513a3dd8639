-- One token of the file TOKENS (one a line) after the other: as a bearer, or in the form BODY for %TOKEN%.
local requests, at = {}, 0

function init()
  local body = os.getenv("BODY")
  for token in io.lines(os.getenv("TOKENS")) do
    if body then
      requests[#requests + 1] = wrk.format("POST", nil, { ["Content-Type"] = "application/x-www-form-urlencoded" }, (body:gsub("%%TOKEN%%", token)))
    else
      requests[#requests + 1] = wrk.format("GET", nil, { Authorization = "Bearer " .. token })
    end
  end
end

function request()
  at = at % #requests + 1
  return requests[at]
end
