-- The request that bench.py signed, for wrk: one body and one set of headers, sent over and over. (A TC3 signature
-- may be used again for five minutes.)
wrk.method = "POST"
wrk.body = os.getenv("BENCH_BODY")
for name, value in os.getenv("BENCH_HEADERS"):gmatch("([^\n]-): ([^\n]*)") do
    wrk.headers[name] = value
end

-- Looking at every answer costs wrk more than making the request does, and would hide the server's own speed. So
-- it is done in short runs of their own; bench.py checks the timed runs by the ids that they used up.
if os.getenv("BENCH_VERIFY") then
    local threads = {}

    function setup(thread)
        table.insert(threads, thread)
    end

    function init()
        good, bad = 0, 0
    end

    function response(status, _, body)
        if status == 200 and body:find('"FlowId":%d') then
            good = good + 1
        else
            bad = bad + 1
        end
    end

    function done()
        local all_good, all_bad = 0, 0
        for _, thread in ipairs(threads) do
            all_good = all_good + thread:get("good")
            all_bad = all_bad + thread:get("bad")
        end
        print(("verified good=%d bad=%d"):format(all_good, all_bad))
    end
end
