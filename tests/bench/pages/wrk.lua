-- Asks in turn for what the lines of a file say: a path, then headers, with tabs between.
local asked, turn = {}, 0

function init(arguments)
  for line in io.lines(arguments[1]) do
    local path, rest = line:match("^([^\t]+)(.*)$")
    local headers = {}
    for name, value in rest:gmatch("\t([^:\t]+): ([^\t]*)") do
      headers[name] = value
    end
    asked[#asked + 1] = wrk.format("GET", path, headers)
  end
end

function request()
  turn = turn % #asked + 1
  return asked[turn]
end

function done(summary, latency)
  local errors = summary.errors
  print(string.format(
    '{"requests": %d, "microseconds": %d, "bytes": %d, "p50": %d, "p99": %d, "errors": %d}',
    summary.requests, summary.duration, summary.bytes,
    latency:percentile(50), latency:percentile(99),
    errors.connect + errors.read + errors.write + errors.status + errors.timeout))
end
