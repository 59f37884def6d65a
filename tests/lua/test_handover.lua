-- Regions over a Unix socket: between processes, with and without seals, and what else may come.
--
-- SPDX-License-Identifier: MIT
local lu = require "luaunit"
local memwell = require "memwell"
local peers = require "memwell_peers"
local support = require "support"

local Region, errno = memwell.Region, memwell.errno
local raises, returns = support.raises, support.returns
local tests = {}

-- Call fn with the two ends of a socket pair, and close what is open of them then.
local function with_sockets(kind, fn)
  local here, there = peers.socketpair(kind)
  local open = { here, there }
  local function close(fd)
    open[fd == here and 1 or 2] = nil
    assert(peers.close(fd))
  end
  local good, message = pcall(fn, here, there, close)
  for _, fd in pairs(open) do peers.close(fd) end
  if not good then error(message, 0) end
end

for _, kind in ipairs { "stream", "seqpacket" } do
  tests["test_both_have_it_over_" .. kind] = function()
    with_sockets(kind, function(here, there)
      local region <close> = assert(Region.memfd(100, { name = "sent" }))
      region:write("sent")
      lu.assertTrue(region:send(here))
      local received <close> = assert(Region.receive(there, { timeout = 60 }))
      lu.assertEquals({ received.kind, #received, received:read(0, 4), received.readonly }, { "fd", 100, "sent", false })
      received:write("seen")
      lu.assertEquals(region:read(0, 4), "seen")
      region:close()
      lu.assertEquals(received:read(0, 4), "seen")
      lu.assertStrContains(tostring(received), "received")
    end)
  end
end

function tests.test_between_processes()
  with_sockets("stream", function(here, there)
    local child = assert(peers.fork(function()
      peers.close(here) -- so that a parent that fails ends the wait
      local region <close> = assert(Region.receive(there))
      assert(region:read(0, 5) == "hello")
      region:write("HELLO")
    end))
    local region <close> = assert(Region.anonymous(100))
    region:write("hello")
    lu.assertTrue(region:send(here, { timeout = 60 }))
    lu.assertEquals({ peers.wait(child) }, { "exit", 0 })
    lu.assertEquals(region:read(0, 5), "HELLO")
  end)
end

function tests.test_part_of_a_file()
  with_sockets("stream", function(here, there)
    local path = support.file(("0123456789"):rep(1000))
    local region <close> = assert(Region.file(path, "r", { offset = 4099, size = 7 }))
    lu.assertTrue(region:send(here))
    local received <close> = assert(Region.receive(there))
    lu.assertEquals({ received:read(), received.readonly }, { "9012345", true })
  end)
end

function tests.test_in_order()
  with_sockets("stream", function(here, there)
    for i = 1, 10 do
      local region <close> = assert(Region.anonymous(i))
      lu.assertTrue(region:send(here))
    end
    for i = 1, 10 do
      local region <close> = assert(Region.receive(there))
      lu.assertEquals(#region, i)
    end
  end)
end

function tests.test_required_seals()
  with_sockets("stream", function(here, there)
    local region <close> = assert(Region.memfd(100))
    lu.assertTrue(region:send(here))
    returns({ "Region.receive", '"shrink"' }, errno.EPERM, Region.receive(there, { require_seals = { "shrink" } }))
    lu.assertTrue(region:seal("shrink", "write"))
    lu.assertTrue(region:send(here))
    local received <close> = assert(Region.receive(there, { require_seals = { "shrink", "write" }, keep_fd = false }))
    lu.assertTrue(received.readonly)
    raises("keep_fd", received.fileno, received)
  end)
end

-- The time goes by: false, and why.
function tests.test_timeouts()
  with_sockets("stream", function(here, there)
    for _, timeout in ipairs { 0, 0.001 } do
      local region, message, number = Region.receive(there, { timeout = timeout })
      lu.assertIsFalse(region)
      lu.assertStrContains(message, "Region.receive")
      lu.assertEquals(number, errno.ETIMEDOUT)
    end
    local region <close> = assert(Region.anonymous(100))
    local sent, message, number
    repeat sent, message, number = region:send(here, { timeout = 0 }) until not sent
    lu.assertIsFalse(sent)
    lu.assertStrContains(message, "Region.send")
    lu.assertEquals(number, errno.ETIMEDOUT)
  end)
end

function tests.test_waits_for_the_sender()
  with_sockets("stream", function(here, there)
    local child = assert(peers.fork(function() assert(assert(Region.anonymous(77)):send(here)) end))
    local region <close> = assert(Region.receive(there))
    lu.assertEquals(#region, 77)
    lu.assertEquals({ peers.wait(child) }, { "exit", 0 })
  end)
end

-- ---- what else may come

local function message_of(magic, version, readonly, offset, size)
  return string.pack("=c8I4I4I8I8", magic, version, readonly, offset, size)
end

function tests.test_other_side_closed()
  with_sockets("stream", function(here, there, close)
    close(here)
    returns("Region.receive", errno.ECONNRESET, Region.receive(there))
    local region <close> = assert(Region.anonymous(10))
    returns("Region.send", errno.EPIPE, region:send(there))
  end)
end

local STRANGE = {
  no_descriptor = { message_of("MWREGION", 1, 0, 0, 100), 0 },
  two_descriptors = { message_of("MWREGION", 1, 0, 0, 100), 2 },
  other_magic = { message_of("MWregion", 1, 0, 0, 100), 1 },
  other_version = { message_of("MWREGION", 2, 0, 0, 100), 1 },
  no_size = { message_of("MWREGION", 1, 0, 0, 0), 1 },
  plain_text = { ("x"):rep(100), 0 },
}

for name, strange in pairs(STRANGE) do
  tests["test_refuses_" .. name] = function()
    with_sockets("seqpacket", function(here, there)
      local memory <close> = assert(Region.memfd(100))
      local fds = { memory:fileno(), memory:fileno() }
      assert(peers.send(here, strange[1], table.unpack(fds, 1, strange[2])))
      returns("Region.receive", errno.EILSEQ, Region.receive(there))
    end)
  end
end

-- The message says more than the object has: nothing is mapped, and it is no mistake of the receiver's.
function tests.test_refuses_more_than_there_is()
  with_sockets("seqpacket", function(here, there)
    local memory <close> = assert(Region.memfd(100))
    for _, place in ipairs { { 0, 101 }, { 101, 1 }, { 1 << 62, 1 << 62 }, { 0, math.maxinteger } } do
      assert(peers.send(here, message_of("MWREGION", 1, 0, place[1], place[2]), memory:fileno()))
      returns("Region.receive", errno.EINVAL, Region.receive(there))
    end
  end)
end

function tests.test_half_a_message()
  with_sockets("stream", function(here, there, close)
    local memory <close> = assert(Region.memfd(100))
    assert(peers.send(here, message_of("MWREGION", 1, 0, 0, 100):sub(1, 10), memory:fileno()))
    close(here)
    returns("Region.receive", errno.EILSEQ, Region.receive(there))
  end)
end

function tests.test_no_socket()
  local region <close> = assert(Region.anonymous(10))
  local file <close> = assert(io.open("/dev/null"))
  returns({ "Region.send", "socket" }, errno.ENOTSOCK, region:send(file))
  returns({ "Region.receive", "socket" }, errno.ENOTSOCK, Region.receive(file))
  returns("Region.receive", errno.EBADF, Region.receive(1 << 30))
  raises("descriptor or file expected", region.send, region)
  raises("descriptor or file expected", Region.receive, "x")
  raises("unknown option 'readonly'", Region.receive, file, { readonly = true })
  raises("unknown option 'keep_fd'", region.send, region, file, { keep_fd = true })
end

function tests.test_what_cannot_be_sent()
  with_sockets("stream", function(here)
    local private <close> = assert(Region.anonymous(10, { private = true }))
    raises({ "Region.send", "private" }, private.send, private, here)
    local without <close> = assert(Region.memfd(10, { keep_fd = false }))
    raises({ "Region.send", "keep_fd" }, without.send, without, here)
    private:close()
    raises({ "Region.send", "closed" }, private.send, private, here)
  end)
end

return support.suite(tests)
