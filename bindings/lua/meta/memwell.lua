---@meta memwell
-- What the language server knows of memwell: every class, field and function of the Lua 5.4 module. Nothing here is ever run.
--
-- Errors. What the operating system refuses returns nil, a message and an errno, as io.open does; a lock that does not become free
-- in time returns false. In a well, what is full returns nil, a message and ENOBUFS; what is not there and not to be made ENOENT;
-- a mutex whose owner died EOWNERDEAD. A wrong argument, an unknown option, a use after close and an index out of range raise: the
-- error names the call, the object and the reason. Elements count from 1, byte offsets from 0; sizes and offsets are bytes,
-- timeouts are seconds.
--
-- SPDX-License-Identifier: MIT

---Memory that Python, Lua and C programs hold in common.
---@class memwell
---@field Region memwell.RegionClass
---@field Semaphore memwell.SemaphoreClass
---@field Well memwell.WellClass
---@field errno table<string, integer> error numbers by name: `errno.ENOENT`; also memwell's own, such as `errno.ECLOSED`
---@field PAGE_SIZE integer the system's page size in bytes
---@field _VERSION string "memwell x.y.z"
local memwell = {}

---The element types: by name, as a struct code ("d") or as a numpy typestring ("<f8"), always in the machine's own byte order.
---@alias memwell.dtype
---| "int8"
---| "uint8"
---| "int16"
---| "uint16"
---| "int32"
---| "uint32"
---| "int64"
---| "uint64" # values above 2^63 - 1 read as negative integers
---| "float16"
---| "float32"
---| "float64"
---| "bool" # elements are booleans
---| string

---One extent, or one for each of up to 8 dimensions.
---@alias memwell.shape integer | integer[]

---The bits of chmod, taken as given whatever the umask: a number, or octal digits as a string, since Lua has no octal numbers.
---@alias memwell.permissions integer | string

---What every call that makes a region takes.
---@class memwell.RegionOptions
---@field keep_fd? boolean false: keep no descriptor; the region then has no resize, remap, seal, send and fileno (default true)
---@field guard? boolean false: a lost page is death by SIGBUS, as without memwell (default true)
---@field on_fault? "error" | "abort" what a lost page is: an error of the next call (default), or death with a line that says where

---@class memwell.FileOptions: memwell.RegionOptions
---@field offset? integer where the region begins in the file, in bytes; any number (default 0)
---@field size? integer bytes; up to the end of the file if left out; "r+" grows the file where it is shorter
---@field permissions? memwell.permissions of a file that is created (default "0600")

---@class memwell.CreateOptions
---@field permissions? memwell.permissions (default "0600")
---@field temporary? boolean this process, never its children, removes the name at close or at its end (default false)

---@class memwell.RegionCreateOptions: memwell.CreateOptions, memwell.RegionOptions

---@class memwell.AttachOptions: memwell.RegionOptions
---@field timeout? number seconds to wait for the name to appear; math.huge waits for ever (default 0)
---@field readonly? boolean (default false)
---@field any_owner? boolean take an object that belongs to another user (default false)

---@class memwell.OpenOptions: memwell.RegionOptions
---@field permissions? memwell.permissions of a new one (default "0600")
---@field any_owner? boolean take an object that belongs to another user (default false)

---@class memwell.AnonymousOptions: memwell.RegionOptions
---@field private? boolean each process has its own copy after a fork (default false)
---@field huge_pages? boolean of the system's huge pages, of which there must be enough (default false)

---@class memwell.MemfdOptions: memwell.RegionOptions
---@field name? string what /proc shows of it, at most 249 bytes (default "memwell")
---@field huge_pages? boolean of the system's huge pages, of which there must be enough (default false)

---What a memfd promises for ever: no further seals, no smaller and no larger size, no other contents, none but through mappings
---that are there already.
---@alias memwell.seal "seal" | "shrink" | "grow" | "write" | "future_write"

---How memory is going to be used, as madvise has it: read ahead as usual, much, not at all; needed soon; not needed soon; to be
---paged out now; huge pages wanted or not; kept out of core dumps or in them.
---@alias memwell.advice "normal" | "sequential" | "random" | "willneed" | "cold" | "pageout"
---| "hugepage" | "nohugepage" | "dontdump" | "dodump"

---@class memwell.FromFdOptions: memwell.RegionOptions
---@field offset? integer where the region begins, in bytes; any number (default 0)
---@field size? integer bytes; up to the end if left out; a device needs one
---@field readonly? boolean (default false)
---@field private? boolean writes stay in this process (default false)
---@field require_seals? memwell.seal[] that the object must have, or it is not mapped

---@class memwell.SysvOptions: memwell.RegionOptions
---@field how? memwell.how (default "attach")
---@field permissions? memwell.permissions of a new one, the lowest nine bits (default "0600")
---@field readonly? boolean (default false)
---@field huge_pages? boolean of the system's huge pages, of which there must be enough (default false)
---@field any_owner? boolean take a segment that belongs to another user (default false)

---@class memwell.SendOptions
---@field timeout? number seconds to wait for room in the socket (default: for ever)

---@class memwell.ReceiveOptions: memwell.RegionOptions
---@field timeout? number seconds to wait for a message (default: for ever)
---@field require_seals? memwell.seal[] that the object must have, or it is not mapped

---@class memwell.ProtectOptions
---@field readonly boolean

---@class memwell.ViewOptions
---@field offset? integer where the first element is, in bytes from the region's start (default 0)

---@class memwell.FlushOptions
---@field wait? boolean return when the changes are on the disk (default true)

---@class memwell.UnlinkOptions
---@field missing_ok? boolean a name that is not there is no failure (default false)

---@class memwell.SemaphoreAttachOptions
---@field timeout? number seconds to wait for the name to appear; math.huge waits for ever (default 0)
---@field any_owner? boolean take a semaphore that belongs to another user (default false)

---@class memwell.SemaphoreOpenOptions
---@field permissions? memwell.permissions of a new one (default "0600")

---What to do about a key of System V: find what is there; make it, and it must be new; either.
---@alias memwell.how "attach" | "create" | "open"

---@class memwell.SemaphoreSysvOptions
---@field how? memwell.how (default "attach")
---@field value? integer of every semaphore of a new set, at most 32767 (default 0)
---@field count? integer how many semaphores a new set has (default index + 1)
---@field permissions? memwell.permissions of a new set, the lowest nine bits (default "0600")
---@field timeout? number seconds to wait for a set on which nobody has operated yet (default 0)
---@field undo? boolean SEM_UNDO: what this process has acquired and not released is given back when it ends (default false)
---@field unused_ok? boolean take a set on which nobody has operated yet (default false)
---@field any_owner? boolean take a set that belongs to another user (default false)

---A mapped range of memory: a file, a named shared memory object, System V memory, a file in memory, anonymous memory, or what
---else a descriptor leads to. `#region` is its size.
---@class memwell.Region
---@field size integer bytes
---@field kind "file" | "named" | "anonymous" | "memfd" | "fd" | "sysv"
---@field name string? without a leading slash; nil if it is not named
---@field path string? as it was given; nil if it is no file
---@field key integer? of System V memory, 0 if it is private; nil otherwise
---@field id integer? of System V memory, as ipcs shows it; nil otherwise
---@field readonly boolean whether it can be written to now
---@field private boolean whether writes stay in this process
---@field exports integer how many others hold the memory now; resize needs 0
---@field seals memwell.seal[]? of a memfd, a new table each time; nil if it cannot have any
---@field faulted boolean whether a page was lost; so it stays until remap
---@field closed boolean the one field that a closed region still has
---@operator len: integer
local Region = {}

---@class memwell.RegionClass: memwell.Region
local RegionClass = Region
memwell.Region = RegionClass

---Map a file, as io.open opens it: links are followed, whoever owns it.
---@param path string
---@param mode? "r" | "r+" | "w+" | "x+" | "c" read (default); read and write; create or empty; create, must be new; copy on write
---@param options? memwell.FileOptions
---@return memwell.Region? region
---@return string? message
---@return integer? errno
function Region.file(path, mode, options) end

---Create named shared memory of zeros. It is whole before it has its name.
---@param name string as shm_open takes it; one leading "/" is allowed
---@param size integer at least 1
---@param options? memwell.RegionCreateOptions
---@return memwell.Region? region
---@return string? message
---@return integer? errno EEXIST if the name is taken
function Region.create(name, size, options) end

---Attach to named shared memory, whole, whoever made it.
---@param name string
---@param options? memwell.AttachOptions
---@return memwell.Region? region
---@return string? message
---@return integer? errno ENOENT if there is no such name, EPERM if it belongs to another user
function Region.attach(name, options) end

---Attach, or create where the name is free. Of several who open at once exactly one creates.
---@param name string
---@param size integer of a new one; one that exists must not be smaller
---@param options? memwell.OpenOptions
---@return memwell.Region? region
---@return boolean|string created whether this call created it, or the message
---@return integer? errno
function Region.open(name, size, options) end

---Memory without a name, which children that are forked later share.
---@param size integer at least 1
---@param options? memwell.AnonymousOptions
---@return memwell.Region? region
---@return string? message
---@return integer? errno
function Region.anonymous(size, options) end

---A file in memory, to be sent to other processes and to be sealed.
---@param size integer at least 1
---@param options? memwell.MemfdOptions
---@return memwell.Region? region
---@return string? message
---@return integer? errno
function Region.memfd(size, options) end

---Map what a descriptor leads to: a file, shared memory, a memfd, a device. It stays the caller's.
---@param fd integer | file* a number, or a file of io.open
---@param options? memwell.FromFdOptions
---@return memwell.Region? region
---@return string? message
---@return integer? errno EPERM if a seal is missing, ENOTSUP for what cannot be mapped
function Region.from_fd(fd, options) end

---Map System V shared memory, whole. The segment stays when all have closed it: `sysv_remove`.
---@param key integer as ftok makes it; 0 for a new one that nobody finds
---@param size? integer of a new one; what exists must have as much
---@param options? memwell.SysvOptions
---@return memwell.Region? region
---@return boolean|string created whether this call created it, or the message
---@return integer? errno ENOENT if nothing has this key, EEXIST if it is taken
function Region.sysv(key, size, options) end

---Receive what Region:send sent.
---@param socket_fd integer | file* a connected Unix socket
---@param options? memwell.ReceiveOptions
---@return memwell.Region | false | nil region false if the time went by
---@return string? message
---@return integer? errno EILSEQ if something else came, EPERM if a seal is missing, ECONNRESET if the other side has closed
function Region.receive(socket_fd, options) end

---Remove a name. Those who have the memory keep it.
---@param name_or_region string | memwell.Region open or closed
---@param options? memwell.UnlinkOptions
---@return true? done
---@return string? message
---@return integer? errno
function Region.unlink(name_or_region, options) end

---Remove a System V segment: nobody finds it any more, and it goes when the last who has it closes it.
---@param key_or_region integer | memwell.Region an open region; the only way for one whose key is 0
---@param options? memwell.UnlinkOptions
---@return true? done
---@return string? message
---@return integer? errno
function Region.sysv_remove(key_or_region, options) end

---The key that a path and a project stand for.
---@param path string of something that exists
---@param project integer 1 to 255
---@return integer? key
---@return string? message
---@return integer? errno
function memwell.ftok(path, project) end

---Send the region to another process, which has it by Region.receive. Both keep it.
---@param socket_fd integer | file* a connected Unix socket
---@param options? memwell.SendOptions
---@return true | false | nil done false if the time went by
---@return string? message
---@return integer? errno
function Region:send(socket_fd, options) end

---A typed window on the region. Nothing is copied.
---@param dtype? memwell.dtype (default "uint8")
---@param shape? memwell.shape as many elements as fit if left out
---@param options? memwell.ViewOptions
---@return memwell.View
function Region:view(dtype, shape, options) end

---A copy of the bytes, clipped at the end of the region.
---@param offset? integer (default 0)
---@param size? integer (default: all that follow)
---@return string
function Region:read(offset, size) end

---Copy bytes in. What goes past the end raises, and nothing is written.
---@param data string | memwell.Region | memwell.View
---@param offset? integer (default 0)
---@return integer count of bytes
function Region:write(data, offset) end

---Unpack values as string.unpack does, without a copy of more than the format needs. Alignment counts from the region's start.
---@param format string of string.pack
---@param offset? integer of the first value (default 0)
---@return any ... the values, then the offset behind them
function Region:unpack(format, offset) end

---Pack values into the region as string.pack does. What goes past the end raises, and nothing is written.
---@param offset integer
---@param format string of string.pack
---@param ... string | number
---@return integer offset behind the last value
function Region:pack(offset, format, ...) end

---The offset of the first place where the bytes are, which lie before `stop` whole. No pattern: plain bytes.
---@param sub string
---@param start? integer offset (default 0)
---@param stop? integer offset behind the last byte to look at (default: the end)
---@return integer? offset nil, without a message, if they are not there
---@return string? message
---@return integer? errno
function Region:find(sub, start, stop) end

---The offset of the last such place.
---@param sub string
---@param start? integer offset (default 0)
---@param stop? integer offset behind the last byte to look at (default: the end)
---@return integer? offset nil, without a message, if they are not there
---@return string? message
---@return integer? errno
function Region:rfind(sub, start, stop) end

---How often the bytes are there, counted from the start and without overlap.
---@param sub string
---@param start? integer offset (default 0)
---@param stop? integer offset behind the last byte to look at (default: the end)
---@return integer? count
---@return string? message
---@return integer? errno
function Region:count(sub, start, stop) end

---Walk over the runs of bytes that are all among `bytes`, as `("[...]+"):gmatch` does over a string, but where they lie:
---`for word, offset in region:runs("abc...") do`. Only the runs themselves become strings.
---@param bytes string the set of byte values, in any order
---@param start? integer offset (default 0)
---@param stop? integer offset behind the last byte to look at; a run that goes on is cut there (default: the end)
---@return fun(): string?, integer? iterator the run and its offset; raises if the region is closed or a page was lost
function Region:runs(bytes, start, stop) end

---Walk over the lines: `for line, offset in region:lines() do`. Only one line at a time becomes a string.
---@param start? integer offset (default 0)
---@param stop? integer offset behind the last byte to look at (default: the end, wherever it is by then)
---@return fun(): string?, integer? iterator the line without its newline, and its offset; raises if the region is closed or a
---page was lost
function Region:lines(start, stop) end

---The bytes as a file of io.open has them, with a position of its own.
---@param offset? integer where the stream begins (default 0)
---@param size? integer (default: up to the region's end, wherever that is by then)
---@return memwell.Stream
function Region:stream(offset, size) end

---@param byte? integer 0 to 255 (default 0)
---@param offset? integer (default 0)
---@param size? integer (default: all that follow)
function Region:fill(byte, offset, size) end

---Copy `size` bytes within the region; the two places may overlap.
---@param destination integer
---@param source integer
---@param size integer
function Region:move(destination, source, size) end

---Hand changes to the disk.
---@param offset? integer (default 0)
---@param size? integer (default: all that follow)
---@param options? memwell.FlushOptions
---@return true? done
---@return string? message
---@return integer? errno
function Region:flush(offset, size, options) end

---Change the size of the region and of what is behind it. Views follow; those that reach past the end raise when they are used.
---@param size integer at least 1
---@return true? done
---@return string? message
---@return integer? errno EBUSY while others hold the memory
function Region:resize(size) end

---Map anew what others have made of the object: the region follows its end, and pages that were lost are looked for again.
---@return true? done
---@return string? message
---@return integer? errno EBUSY while others hold the memory
function Region:remap() end

---Tell the kernel how the memory is going to be used. A hint, which never changes what is in it.
---@param advice memwell.advice
---@param offset? integer (default 0)
---@param size? integer (default: all that follow)
---@return true? done
---@return string? message
---@return integer? errno ENOTSUP where the kernel, or this kind of memory, does not know the advice
function Region:advise(advice, offset, size) end

---Give memory and contents up: the bytes become zeros, for everybody; those of a private region show the file again.
---@param offset? integer (default 0)
---@param size? integer (default: all that follow)
---@return true? done
---@return string? message
---@return integer? errno
function Region:discard(offset, size) end

---Bring the pages in now, so that touching them later costs no fault.
---@param offset? integer (default 0)
---@param size? integer (default: all that follow)
---@return true? done
---@return string? message
---@return integer? errno EIO if a page is lost already
function Region:populate(offset, size) end

---Keep the pages in memory, never on swap.
---@param offset? integer (default 0)
---@param size? integer (default: all that follow)
---@return true? done
---@return string? message
---@return integer? errno ENOMEM or EAGAIN past the limit (ulimit -l)
function Region:mlock(offset, size) end

---@param offset? integer (default 0)
---@param size? integer (default: all that follow)
---@return true? done
---@return string? message
---@return integer? errno
function Region:munlock(offset, size) end

---How many of the region's bytes are in memory now.
---@return integer? bytes
---@return string? message
---@return integer? errno
function Region:resident() end

---Allow writing through this region, or refuse it. Other mappings of the same memory do not change.
---@param options memwell.ProtectOptions
---@return true? done
---@return string? message
---@return integer? errno EACCES if it was opened for reading only, or is sealed
function Region:protect(options) end

---Seal a memfd. With "write" the region itself becomes read-only.
---@param ... memwell.seal
---@return true? done
---@return string? message
---@return integer? errno ENOTSUP if it is no memfd, EPERM if it is sealed with "seal", EBUSY while others may write
function Region:seal(...) end

---Whether the memory is still all there.
---@return true? done
---@return string? message
---@return integer? errno EIO if the file was cut
function Region:check() end

---The region's descriptor, which stays the region's.
---@return integer
function Region:fileno() end

---Make the region and its views unusable, and give the memory back. Twice is fine.
---@return true
function Region:close() end

---A window on a region with the methods of a file of io.open. It ends with its region: closing that closes it.
---@class memwell.Stream
---@field closed boolean
local Stream = {} -- luacheck: ignore 241 331

---Read by formats, as file:read does: "n" a number, "l" a line (default), "L" a line with its newline, "a" all, or a count of
---bytes.
---@param ... string | integer
---@return string | number | nil ... nil for the first that finds nothing, and no more
function Stream:read(...) end

---`for line in stream:lines() do`, with formats as read takes them; they are raised, not returned, where a page was lost.
---@param ... string | integer
---@return fun(): ...
function Stream:lines(...) end

---Write at the position. What goes past the end raises: memory does not grow as files do.
---@param ... string | number
---@return memwell.Stream? self
---@return string? message
---@return integer? errno
function Stream:write(...) end

---@param whence? "set" | "cur" | "end" (default "cur")
---@param offset? integer (default 0)
---@return integer? position from the stream's start
---@return string? message
---@return integer? errno EINVAL if that is before the start
function Stream:seek(whence, offset) end

---For programs that expect a file: nothing is kept back, so there is nothing to do.
---@return true
function Stream:flush() end

---The same.
---@return true
function Stream:setvbuf() end

---Twice is fine.
---@return true
function Stream:close() end

---A typed window on a region. `v[i]` reads an element, or a row where there are several dimensions, and nil past the end; `v[i] =
---x` writes one; `#v` is the extent of the first dimension; ipairs works; `v == w` is the same memory and type.
---@class memwell.View
---@field [integer] number | boolean | memwell.View
---@field dtype string the name, such as "float64"
---@field shape integer[] a new table each time
---@field itemsize integer bytes of one element
---@field nbytes integer bytes of all elements
---@field offset integer of the first element, in bytes from the region's start
---@field readonly boolean
---@field region memwell.Region
---@operator len: integer
local View = {} -- luacheck: ignore 241 331

---The elements i to j as results, at most 200, as string.byte gives bytes: negative from the end, clipped.
---@param i? integer (default 1)
---@param j? integer (default i)
---@return number|boolean ...
function View:get(i, j) end

---Write elements from i on: values, or one table of them. One that does not fit raises, and nothing is written.
---@param i integer negative from the end
---@param ... number | boolean | table
function View:set(i, ...) end

---Read one element by one index for each dimension.
---@param ... integer
---@return number | boolean
function View:at(...) end

---Write one element by one index for each dimension: `v:put(value, row, column)`.
---@param value number | boolean
---@param ... integer
function View:put(value, ...) end

---The view of one row, with one dimension less. Nothing is copied.
---@param i integer negative from the end
---@return memwell.View
function View:row(i) end

---The view of elements or rows i to j, `step` apart, negative from the end and clipped. A negative step goes down from i to j.
---@param i? integer (default 1, or -1 with a negative step)
---@param j? integer (default -1, or 1 with a negative step)
---@param step? integer not 0 (default 1)
---@return memwell.View
function View:slice(i, j, step) end

---The view of a box: `v:window({ 10, 1 }, { 20, 640 })` is 20 rows from row 10 on. Nothing is copied, nothing clipped.
---@param first memwell.shape
---@param shape memwell.shape
---@return memwell.View
function View:window(first, shape) end

---The same elements in another shape; the view must be dense.
---@param ... integer | integer[]
---@return memwell.View
function View:reshape(...) end

---`for i, x in v:iter() do`: faster than indexing. Rows where there are several dimensions.
---@return fun(state: nil, i: integer): integer?, number | boolean | memwell.View
---@return nil
---@return integer
function View:iter() end

---A function that reads one element: the fastest single read.
---@return fun(i: integer): number | boolean
function View:getter() end

---A function that writes one element.
---@return fun(i: integer, x: number | boolean)
function View:setter() end

---The elements at these indices, all checked before any is read.
---@param indices integer[] | memwell.View
---@return (number | boolean)[]
function View:take(indices) end

---Elements i to j as a table; rows as tables of tables.
---@param i? integer (default 1)
---@param j? integer (default -1)
---@return table
function View:totable(i, j) end

---@param value number | boolean
---@param i? integer (default 1)
---@param j? integer (default -1)
function View:fill(value, i, j) end

---Copy elements in from position i on: a table (of tables where there are several dimensions), raw bytes, or a view of the same
---dtype. What does not fit raises, and nothing is written.
---@param source table | string | memwell.View
---@param i? integer (default 1)
function View:copy_from(source, i) end

---The raw bytes of elements i to j.
---@param i? integer (default 1)
---@param j? integer (default -1)
---@return string
function View:string(i, j) end

---The sum of elements i to j: integers exactly, or an error where it has more than 64 bits; 0 if there are none.
---@param i? integer (default 1)
---@param j? integer (default -1)
---@return number
function View:sum(i, j) end

---The smallest of elements i to j, of which there must be one; NaN if any is NaN.
---@param i? integer (default 1)
---@param j? integer (default -1)
---@return number | boolean
function View:min(i, j) end

---The largest of elements i to j, of which there must be one; NaN if any is NaN.
---@param i? integer (default 1)
---@param j? integer (default -1)
---@return number | boolean
function View:max(i, j) end

---The first position from i on that has this value, or nil.
---@param value number | boolean
---@param i? integer (default 1)
---@return integer?
function View:index(value, i) end

---How many elements have this value.
---@param value number | boolean
---@return integer
function View:count(value) end

---Whether the two have the same shape and equal elements, whatever their dtypes.
---@param other memwell.View
---@return boolean
function View:equals(other) end

---The calls from here on work on one element, in one step between all threads, processes and languages, as C's <stdatomic.h> does
---in its strongest order: int32, uint32, int64 and uint64, one dimension, at a multiple of their size. Positions are negative from
---the end; values of uint64 above 2^63 - 1 are negative. A lost page returns nil, a message and EIO; anything else raises.
---@param i integer
---@return integer value
function View:atomic_load(i) end

---@param i integer
---@param value integer
function View:atomic_store(i, value) end

---Add n, and give what was there before. It wraps around.
---@param i integer
---@param n? integer (default 1)
---@return integer old
function View:atomic_add(i, n) end

---@param i integer
---@param n? integer (default 1)
---@return integer old
function View:atomic_sub(i, n) end

---@param i integer
---@param n integer
---@return integer old
function View:atomic_and(i, n) end

---@param i integer
---@param n integer
---@return integer old
function View:atomic_or(i, n) end

---@param i integer
---@param n integer
---@return integer old
function View:atomic_xor(i, n) end

---@param i integer
---@param value integer
---@return integer old
function View:atomic_exchange(i, value) end

---Write `value` where the element is `expected`: it was so exactly if the result is `expected`.
---@param i integer
---@param expected integer
---@param value integer
---@return integer old
function View:atomic_compare_exchange(i, expected, value) end

---Sleep while the element, an int32 or uint32 in shared memory, has this value. Look again afterwards: whoever wakes need not have
---changed it.
---@param i integer
---@param value integer
---@param timeout? number seconds; nil waits for ever, 0 polls
---@return boolean? changed true if it has another value or somebody woke us, false if it timed out
---@return string? message
---@return integer? errno EINTR if a debug hook is pending, as after Ctrl-C
function View:wait(i, value, timeout) end

---Wake those who wait on the element, in any process. Change the element first.
---@param i integer
---@param count? integer at most so many (default: all)
---@return integer woken how many there were
function View:wake(i, count) end

---A semaphore between any programs: a POSIX one, which sem_open opens or a region has in it, or one of a System V set. It has no
---owner: a process that is killed between acquire and release never gives its unit back, but for `undo` of System V.
---@class memwell.Semaphore
---@field kind "named" | "at" | "sysv"
---@field name string? without a leading slash; nil if it is not named
---@field key integer? of System V, and 0 for IPC_PRIVATE; nil for the other kinds
---@field id integer? of the System V set, as ipcs shows it; nil for the other kinds
---@field index integer? in its System V set, from 0; nil for the other kinds
---@field value integer now; it may have changed before you look at it
---@field closed boolean the one field that a closed semaphore still has
local Semaphore = {}

---@class memwell.SemaphoreClass: memwell.Semaphore
local SemaphoreClass = Semaphore
memwell.Semaphore = SemaphoreClass

---@param name string as sem_open takes it; one leading "/" is allowed
---@param value? integer (default 0)
---@param options? memwell.CreateOptions
---@return memwell.Semaphore? semaphore
---@return string? message
---@return integer? errno EEXIST if the name is taken
function Semaphore.create(name, value, options) end

---@param name string
---@param options? memwell.SemaphoreAttachOptions
---@return memwell.Semaphore? semaphore
---@return string? message
---@return integer? errno ENOENT if there is no such name, EPERM if it belongs to another user
function Semaphore.attach(name, options) end

---Attach, or create where the name is free. Of several who open at once exactly one creates.
---@param name string
---@param value? integer of a new one (default 0)
---@param options? memwell.SemaphoreOpenOptions
---@return memwell.Semaphore? semaphore
---@return boolean|string created whether this call created it, or the message
---@return integer? errno
function Semaphore.open(name, value, options) end

---A sem_t inside a region, as any program on the same C library may have it. The semaphore keeps its region; closing the region
---makes it unusable.
---@param region memwell.Region shared and writable
---@param offset integer a multiple of 8; a sem_t has 32 bytes
---@param value? integer make it, whoever used what was there before; the one that is there if left out
---@return memwell.Semaphore? semaphore
---@return string? message
---@return integer? errno EIO if the page is lost
function Semaphore.at(region, offset, value) end

---One semaphore of a System V set. The set stays when all have closed it: see sysv_remove.
---@param key integer as memwell.ftok makes it; 0 (IPC_PRIVATE) is always new, and found by nobody
---@param index? integer which of the set, from 0 as semctl has it (default 0)
---@param options? memwell.SemaphoreSysvOptions
---@return memwell.Semaphore? semaphore
---@return boolean|string created whether this call created the set, or the message
---@return integer? errno ENOENT if nothing has this key, EEXIST if it is taken, EAGAIN if nobody has operated on the set yet
function Semaphore.sysv(key, index, options) end

---Remove a System V set, with all its semaphores: who waits on one, or uses it later, gets EIDRM.
---@param key_or_semaphore integer | memwell.Semaphore open
---@param options? memwell.UnlinkOptions
---@return true? done
---@return string? message
---@return integer? errno
function Semaphore.sysv_remove(key_or_semaphore, options) end

---Remove a name. Those who have the semaphore keep it.
---@param name_or_semaphore string | memwell.Semaphore open or closed
---@param options? memwell.UnlinkOptions
---@return true? done
---@return string? message
---@return integer? errno
function Semaphore.unlink(name_or_semaphore, options) end

---Wait until the value is positive, then decrease it by one.
---@param timeout? number seconds; nil waits for ever, 0 polls
---@return boolean? acquired false if it timed out
---@return string? message
---@return integer? errno EINTR if a debug hook is pending, as after Ctrl-C
function Semaphore:acquire(timeout) end

---Increase the value.
---@param n? integer (default 1)
---@return true? done
---@return string? message
---@return integer? errno EOVERFLOW at the largest value
function Semaphore:release(n) end

---Acquire, for a block: `local g <close> = semaphore:guard()`. Raises if it cannot.
---@param timeout? number seconds; nil waits for ever, 0 polls
---@return memwell.Guard
function Semaphore:guard(timeout) end

---Acquire, call fn(...), release even if fn raises, and return fn's results. Raises if it cannot acquire.
---@generic T
---@param fn fun(...): T...
---@param ... any
---@return T ...
function Semaphore:hold(fn, ...) end

---Make the semaphore unusable. Twice is fine.
---@return true
function Semaphore:close() end

---What a lock holds for a block: given back by close, at the end of the block, or by the collector.
---@class memwell.Guard
---@field closed boolean whether it was given back
local Guard = {} -- luacheck: ignore 241 331

---Give it back. Twice is fine.
---@return true
function Guard:close() end

---@class memwell.WellCreateOptions: memwell.CreateOptions
---@field slots? integer how many processes can be attached at once, 1 to 256 (default 64)
---@field objects? integer how many objects there can be (default: one for each 4096 bytes, at least 16, at most 16384)

---@class memwell.WellAttachOptions
---@field timeout? number seconds to wait for the name to appear; math.huge waits for ever (default 0)
---@field readonly? boolean an observer: no slot, no locks; it looks and changes nothing (default false)
---@field any_owner? boolean take a well that belongs to another user (default false)

---@class memwell.WellOpenOptions
---@field permissions? memwell.permissions of a new one (default "0600")
---@field any_owner? boolean take a well that belongs to another user (default false)
---@field slots? integer of a new one: how many processes can be attached at once, 1 to 256 (default 64)
---@field objects? integer of a new one: how many objects there can be

---@class memwell.WellFileOptions
---@field permissions? memwell.permissions of a new one (default "0600")
---@field readonly? boolean an observer, also of a well that is damaged (default false)
---@field slots? integer of a new one: how many processes can be attached at once, 1 to 256 (default 64)
---@field objects? integer of a new one: how many objects there can be

---@class memwell.ObjectOptions
---@field create? boolean false: it must be there, else nil, a message and ENOENT (default true)

---@class memwell.MutexOptions: memwell.ObjectOptions
---@field recover? fun() mends what it protects: acquire, guard and hold of this handle call it, holding it, where its owner died

---What a well has in it.
---@class memwell.ObjectInfo
---@field name string
---@field kind "array" | "mutex" | "semaphore" | "event" | string "kind N" of a later version
---@field offset integer of its memory in the region, in bytes from 0
---@field size integer bytes
---@field waiters integer threads that sleep for it now
---@field owner integer? of a mutex: the slot that holds it
---@field inconsistent boolean? of a mutex: its owner died and nobody has mended that; nil for other kinds
---@field dtype memwell.dtype? of an array
---@field shape integer[]? of an array
---@field capacity integer? of a semaphore: how many permits it has
---@field held integer? of a semaphore: how many of them are out

---A process that is attached to a well.
---@class memwell.ParticipantInfo
---@field slot integer from 0; who it is, for owner and break_locks
---@field pid integer as the process sees itself; in a container that is not what others see
---@field state "running" | "stopped" | "dead" stopped by a signal or a debugger; dead, and nobody has reaped it yet
---@field holds string[] names of the mutexes and semaphores that it holds
---@field self boolean whether it is this process

---One name, or one file, with named objects in it: typed arrays, mutexes, semaphores, events. When a process dies, by whatever end,
---what it held comes back. A process has one slot in a well however often it attaches.
---@class memwell.Well
---@field name string? without a leading slash; nil if it is a file
---@field path string? nil if it is no file
---@field size integer bytes in all
---@field free integer bytes that are free for arrays, in however many pieces
---@field slot integer? this process's; nil of an observer
---@field readonly boolean whether this is an observer
---@field region memwell.Region to look at; it has no resize, remap, protect, seal and close, and is closed with the well
---@field closed boolean the one field that a closed well still has
local Well = {}

---@class memwell.WellClass: memwell.Well
local WellClass = Well
memwell.Well = WellClass

---A new well, in named memory. It is whole before it has its name.
---@param name string
---@param size integer bytes in all; its tables take about 128 for each slot and 340 for each object
---@param options? memwell.WellCreateOptions
---@return memwell.Well? well
---@return string? message
---@return integer? errno EEXIST if the name is taken, ENOTSUP if the file system has no locks that die with their process
function Well.create(name, size, options) end

---@param name string
---@param options? memwell.WellAttachOptions
---@return memwell.Well? well
---@return string? message
---@return integer? errno ENOENT if there is no such name, ENOBUFS if all slots are in use, EPERM if it belongs to another user
function Well.attach(name, options) end

---Attach, or create where the name is free. Of several who open at once exactly one creates.
---@param name string
---@param size integer of a new one, in bytes
---@param options? memwell.WellOpenOptions
---@return memwell.Well? well
---@return boolean|string created whether this call created it, or the message
---@return integer? errno
function Well.open(name, size, options) end

---A well in a file, which survives a restart of the machine: attach, or create where there is no such file.
---@param path string
---@param size? integer of a new one, in bytes; left out: there must be one
---@param options? memwell.WellFileOptions
---@return memwell.Well? well
---@return boolean|string created whether this call created it, or the message
---@return integer? errno ENOENT without a size, if there is no such file
function Well.file(path, size, options) end

---Remove the name of a well in memory. Those who are attached stay so.
---@param name_or_well string | memwell.Well open or closed
---@param options? memwell.UnlinkOptions
---@return true? done
---@return string? message
---@return integer? errno
function Well.unlink(name_or_well, options) end

---Find an array, or create it, full of zeros. What is there must have this dtype and shape, or this raises. With the name alone:
---find it whatever it has. The view is one on the well's region, and stays usable if the array is deleted.
---@param name string 1 to 127 bytes
---@param dtype? memwell.dtype
---@param shape? memwell.shape
---@return memwell.View? array
---@return boolean|string created whether this call created it, or the message
---@return integer? errno ENOENT, or ENOBUFS if there is no room for it; the message says what is free
function Well:array(name, dtype, shape) end

---Find a mutex, or create it.
---@param name string 1 to 127 bytes
---@param options? memwell.MutexOptions
---@return memwell.Mutex? mutex
---@return boolean|string created whether this call created it, or the message
---@return integer? errno ENOENT, ENOBUFS
function Well:mutex(name, options) end

---Find a semaphore, or create it with all its permits free. What is there must have this capacity, or this raises.
---@param name string 1 to 127 bytes
---@param capacity? integer 1 to 4096; left out: whatever it has, and then it must be there
---@param options? memwell.ObjectOptions
---@return memwell.RobustSemaphore? semaphore
---@return boolean|string created whether this call created it, or the message
---@return integer? errno ENOENT, ENOBUFS
function Well:semaphore(name, capacity, options) end

---Find an event, or create it, clear.
---@param name string 1 to 127 bytes
---@param options? memwell.ObjectOptions
---@return memwell.Event? event
---@return boolean|string created whether this call created it, or the message
---@return integer? errno ENOENT, ENOBUFS
function Well:event(name, options) end

---Delete an object. Its handles raise from then on, in every process; views of an array stay. Its name is free at once, its memory
---when every process that was attached at that moment has gone.
---@param name string
---@return true? done
---@return string? message
---@return integer? errno ENOENT; EBUSY if somebody who lives holds it
function Well:delete(name) end

---@return memwell.ObjectInfo[]? objects in no order that means anything
---@return string? message
---@return integer? errno
function Well:objects() end

---@return memwell.ParticipantInfo[]? participants by slot
---@return string? message
---@return integer? errno
function Well:participants() end

---Give back all that the dead hold, now, rather than when somebody next waits for it.
---@return integer? count how many processes were found dead
---@return string? message
---@return integer? errno
function Well:reap() end

---A person's decision: give back what a slot holds though its process lives, as its death would: its mutexes become inconsistent.
---For a process that is stopped and stays so; one that goes on works in what others have taken over.
---@param slot integer of another process
---@return integer? count how many locks and permits were given back
---@return string? message
---@return integer? errno ENOENT if nobody is attached there
function Well:break_locks(slot) end

---Look at every structure in the well. Raises if something is damaged, and says what.
---@return true? sound
---@return string? message
---@return integer? errno EIO if a page was lost
function Well:check() end

---Close the well: its views and the handles of its objects raise from then on. Raises, with nothing changed, if this is the
---process's last handle of it and the process still holds a lock in it. At the end of a block, and where the collector finds it,
---it is closed whatever is held, which others find as the process's death would leave it. Twice is fine.
---@return true
function Well:close() end

---Exclusion between processes, and between the threads of one; not recursive. If its owner dies it is inconsistent: acquire takes
---it only to mend it, by `recover`.
---@class memwell.Mutex
---@field name string
---@field locked boolean now; it may have changed before you look at it
---@field owner integer? the slot that holds it
---@field inconsistent boolean whether its owner died and nobody has mended that, or is about to
---@field closed boolean the one field that a closed mutex still has
local Mutex = {} -- luacheck: ignore 241 331

---Acquire. Where its owner died, and well:mutex was given a `recover`, that is called, holding it: if it returns, the mutex is
---consistent and acquired; if it raises, so does this, and the mutex stays inconsistent. Raises if this thread holds it already.
---@param timeout? number seconds; nil waits for ever, 0 polls
---@return boolean? acquired false if it timed out
---@return string? message
---@return integer? errno EOWNERDEAD if its owner died and nothing here mends it; EINTR if a debug hook is pending, as after Ctrl-C
function Mutex:acquire(timeout) end

---Raises if this process does not hold it.
---@return true? done
---@return string? message
---@return integer? errno EIO if its page was lost
function Mutex:release() end

---Acquire, for a block: `local g <close> = mutex:guard()`. Raises if it cannot.
---@param timeout? number seconds; nil waits for ever, 0 polls
---@return memwell.Guard
function Mutex:guard(timeout) end

---Acquire, call fn(...), release even if fn raises, and return fn's results. Raises if it cannot acquire.
---@generic T
---@param fn fun(...): T...
---@param ... any
---@return T ...
function Mutex:hold(fn, ...) end

---Acquire though it is inconsistent, and call fn(...), which mends what it protects. If fn returns, the mutex is consistent, and
---released; if fn raises, it stays inconsistent. Where somebody else was faster, fn is called all the same. Returns fn's results.
---@generic T
---@param fn fun(...): T...
---@param ... any
---@return T ...
function Mutex:recover(fn, ...) end

---Make the handle unusable. Whether this process holds the mutex stays as it is. Twice is fine.
---@return true
function Mutex:close() end

---Permits, a fixed number of them. A permit belongs to the process that acquired it, and comes back if that dies.
---@class memwell.RobustSemaphore
---@field name string
---@field capacity integer
---@field value integer how many permits are free now
---@field held integer how many this process holds
---@field closed boolean the one field that a closed semaphore still has
local RobustSemaphore = {} -- luacheck: ignore 241 331

---Acquire one permit.
---@param timeout? number seconds; nil waits for ever, 0 polls
---@return boolean? acquired false if it timed out
---@return string? message
---@return integer? errno EINTR if a debug hook is pending, as after Ctrl-C
function RobustSemaphore:acquire(timeout) end

---Release permits of this process. Raises if it holds fewer.
---@param n? integer (default 1)
---@return true? done
---@return string? message
---@return integer? errno EIO if its page was lost
function RobustSemaphore:release(n) end

---Acquire one, for a block: `local g <close> = semaphore:guard()`. Raises if it cannot.
---@param timeout? number seconds; nil waits for ever, 0 polls
---@return memwell.Guard
function RobustSemaphore:guard(timeout) end

---Acquire one, call fn(...), release it even if fn raises, and return fn's results. Raises if it cannot acquire.
---@generic T
---@param fn fun(...): T...
---@param ... any
---@return T ...
function RobustSemaphore:hold(fn, ...) end

---Make the handle unusable. What this process holds stays as it is. Twice is fine.
---@return true
function RobustSemaphore:close() end

---A flag that processes wait for. It has no owner: a process that dies leaves it as it is.
---@class memwell.Event
---@field name string
---@field closed boolean the one field that a closed event still has
local Event = {} -- luacheck: ignore 241 331

---Set the flag, and wake all who wait.
---@return true? done
---@return string? message
---@return integer? errno EIO if its page was lost
function Event:set() end

---@return true? done
---@return string? message
---@return integer? errno EIO if its page was lost
function Event:clear() end

---@return boolean? set
---@return string? message
---@return integer? errno EIO if its page was lost
function Event:is_set() end

---Wait until the flag is set. Who waits while it is set is told, even if it is cleared again at once.
---@param timeout? number seconds; nil waits for ever, 0 polls
---@return boolean? set false if it timed out
---@return string? message
---@return integer? errno EINTR if a debug hook is pending, as after Ctrl-C
function Event:wait(timeout) end

---Make the handle unusable. Twice is fine.
---@return true
function Event:close() end

return memwell
