/* Java: what the classes have beside memwell's calls. SWIG knows no arguments that may be left out in C, so they are left out here.
 *
 * SPDX-License-Identifier: MIT */

%extend mws_region {
  %rename(write) write_direct;
  %rename(buffer) buffer_part;
  void write_direct(mw_error *error, mwj_direct data, uint64_t offset);
  mws_buffer buffer_part(mw_error *error, uint64_t offset, uint64_t size);
}

%typemap(javacode) mws_region %{
  public static Region file(String path) {
    return file(path, "r", null);
  }

  public static Region file(String path, String mode) {
    return file(path, mode, null);
  }

  public static Region create(String name, long size) {
    return create(name, size, null);
  }

  public static Region attach(String name) {
    return Waits.none(() -> attach(name, null));
  }

  public static Region open(String name, long size) {
    return open(name, size, null);
  }

  public static Region anonymous(long size) {
    return anonymous(size, null);
  }

  public static Region memfd(long size) {
    return memfd(size, null);
  }

  public static Region fromFd(int fd) {
    return fromFd(fd, null);
  }

  public static Region sysv(int key) {
    return sysv(key, null);
  }

  public static Region receive(int socket) throws InterruptedException {
    return receive(socket, null, null);
  }

  public static Region receive(int socket, java.time.Duration timeout) throws InterruptedException {
    return receive(socket, timeout, null);
  }

  public void send(int socket) throws InterruptedException {
    send(socket, null);
  }

  public byte[] read() {
    return read(0, Values.NOTHING);
  }

  public byte[] read(long offset) {
    return read(offset, Values.NOTHING);
  }

  public void write(byte[] data) {
    write(data, 0);
  }

  /** Copies what is between a direct buffer's position and its limit; neither of them moves. */
  public void write(java.nio.ByteBuffer data) {
    write(data, 0);
  }

  public void fill() {
    fill(0, 0, Values.NOTHING);
  }

  public void fill(int value) {
    fill(value, 0, Values.NOTHING);
  }

  public void fill(int value, long offset) {
    fill(value, offset, Values.NOTHING);
  }

  /** Where the bytes begin, or -1. */
  public long find(byte[] data) {
    return find(data, 0, Values.NOTHING);
  }

  public long find(byte[] data, long start) {
    return find(data, start, Values.NOTHING);
  }

  /** Where the bytes begin for the last time, or -1. */
  public long rfind(byte[] data) {
    return rfind(data, 0, Values.NOTHING);
  }

  public long rfind(byte[] data, long start) {
    return rfind(data, start, Values.NOTHING);
  }

  public long count(byte[] data) {
    return count(data, 0, Values.NOTHING);
  }

  public long count(byte[] data, long start) {
    return count(data, start, Values.NOTHING);
  }

  /** The first line, or null where there is none. */
  public Span line() {
    return line(0);
  }

  /** The first run of bytes that are in the set, or null where there is none. */
  public Span run(byte[] set) {
    return run(set, 0);
  }

  /** Where each line is, without its end. */
  public Iterable<Span> lines() {
    return lines(0);
  }

  /** Where each line is that begins at the offset or behind it. */
  public Iterable<Span> lines(long start) {
    return () -> new Lines(this, start);
  }

  public void flush() {
    flush(0, Values.NOTHING, true);
  }

  public void flush(long offset) {
    flush(offset, Values.NOTHING, true);
  }

  public void flush(long offset, long size) {
    flush(offset, size, true);
  }

  public void advise(String advice) {
    advise(advice, 0, Values.NOTHING);
  }

  public void advise(String advice, long offset) {
    advise(advice, offset, Values.NOTHING);
  }

  public void discard() {
    discard(0, Values.NOTHING);
  }

  public void discard(long offset) {
    discard(offset, Values.NOTHING);
  }

  public void populate() {
    populate(0, Values.NOTHING);
  }

  public void mlock() {
    mlock(0, Values.NOTHING);
  }

  public void munlock() {
    munlock(0, Values.NOTHING);
  }

  /** All of the region as bytes. */
  public View view() {
    return view("uint8", null, 0);
  }

  /** All elements that fit. */
  public View view(String dtype) {
    return view(dtype, null, 0);
  }

  /** That many elements, from the beginning of the region on. */
  public View view(String dtype, long count) {
    return view(dtype, new long[] {count}, 0);
  }

  public View view(String dtype, long[] shape) {
    return view(dtype, shape, 0);
  }

  @Override
  public String toString() {
    String what = name() == null ? kind() : '"' + name() + "\", " + kind();
    return "Region(" + what + (isClosed() ? ", closed)" : ")");
  }
%}

%javamethodmodifiers mws_view::tolist "private";

%extend mws_view {
  int64_t get_long(mw_error *error, int64_t i);
  double get_double(mw_error *error, int64_t i);
  void set_long(mw_error *error, int64_t i, int64_t value);
  void set_double(mw_error *error, int64_t i, double value);
  int64_t atomic_load_long(mw_error *error, int64_t i);
  int64_t atomic_add_long(mw_error *error, int64_t i, int64_t n);
  %javamethodmodifiers flat "private";
  mwj_flat flat(mw_error *error);
}

%typemap(javacode) mws_view %{
  /** Writes an element of a view of one dimension. */
  public void set(long i, Object value) {
    set(new long[] {i}, value);
  }

  /** Writes an element of a view of two dimensions. */
  public void set(long i, long j, Object value) {
    set(new long[] {i, j}, value);
  }

  /** Where the value is, or -1. */
  public long index(Object value) {
    return index(value, 0);
  }

  /** Sleeps until the element is no longer that value; a wake-up may come for no reason. */
  public boolean await(long i, Object value) throws InterruptedException {
    return await(i, value, null);
  }

  /** Wakes all who wait for the element, and says how many. */
  public long wake(long i) {
    return wake(i, Values.NOTHING);
  }

  /** All elements, of more dimensions in lists of lists. */
  public java.util.List<Object> toList() {
    Values.checkCount(nbytes() / itemSize());
    return elements();
  }

  /** All elements in row-major order. OverflowException where one is above Long.MAX_VALUE, InvalidArgumentException for floats. */
  public long[] toLongArray() {
    Values.checkCount(nbytes() / itemSize());
    return Values.longs(flat());
  }

  /** All elements in row-major order, integers as the nearest double. */
  public double[] toDoubleArray() {
    Values.checkCount(nbytes() / itemSize());
    return Values.doubles(flat());
  }

  /** The elements; of a view of more dimensions its rows, which are views. */
  @Override
  public java.util.Iterator<Object> iterator() {
    return new Elements(this);
  }

  @Override
  public String toString() {
    return "View(" + dtype() + ", " + java.util.Arrays.toString(shape()) + ")";
  }
%}

%typemap(javacode) mws_semaphore %{
  public static Semaphore create(String name) {
    return create(name, 0, null);
  }

  public static Semaphore create(String name, long value) {
    return create(name, value, null);
  }

  public static Semaphore attach(String name) {
    return Waits.none(() -> attach(name, null));
  }

  public static Semaphore open(String name) {
    return open(name, 0, null);
  }

  public static Semaphore open(String name, long value) {
    return open(name, value, null);
  }

  public static Semaphore at(Region region, long offset) {
    return at(region, offset, Values.NOTHING);
  }

  public static Semaphore sysv(int key) {
    return Waits.none(() -> sysv(key, 0, null));
  }

  public static Semaphore sysv(int key, long index) {
    return Waits.none(() -> sysv(key, index, null));
  }

  /** Waits for ever. */
  public boolean acquire() throws InterruptedException {
    return acquire(null);
  }

  public void release() {
    release(1);
  }

  /** Acquires it; closing what this gives releases it: {@code try (var turn = semaphore.hold()) {...}}. */
  public Hold hold() throws InterruptedException {
    acquire(null);
    return new Hold(this::release);
  }

  @Override
  public String toString() {
    String what = name() == null ? kind() : '"' + name() + "\", " + kind();
    return "Semaphore(" + what + (isClosed() ? ", closed)" : ")");
  }
%}

%typemap(javacode) mws_well %{
  public static Well create(String name, long size) {
    return create(name, size, null);
  }

  public static Well attach(String name) {
    return Waits.none(() -> attach(name, null));
  }

  public static Well open(String name, long size) {
    return open(name, size, null);
  }

  public static Well file(String path) {
    return file(path, 0, null);
  }

  public static Well file(String path, long size) {
    return file(path, size, null);
  }

  /** The array of that name, which must be there. */
  public View array(String name) {
    return array(name, null, (long[]) null);
  }

  public Mutex mutex(String name) {
    return mutex(name, null);
  }

  /** The semaphore of that name, which must be there. */
  public RobustSemaphore semaphore(String name) {
    return semaphore(name, 0, null);
  }

  public RobustSemaphore semaphore(String name, long capacity) {
    return semaphore(name, capacity, null);
  }

  public Event event(String name) {
    return event(name, null);
  }

  @Override
  public String toString() {
    return "Well(\"" + name() + (isClosed() ? "\", closed)" : "\")");
  }
%}

%typemap(javacode) mws_mutex %{
  /** Waits for ever. */
  public boolean acquire() throws InterruptedException {
    return acquire(null);
  }

  /** As recoverBegin with a time limit, but waits for ever. */
  public int recoverBegin() throws InterruptedException {
    return recoverBegin(null);
  }

  /** Acquires it; closing what this gives releases it: {@code try (var turn = mutex.hold()) {...}}. */
  public Hold hold() throws InterruptedException {
    acquire(null);
    return new Hold(this::release);
  }

  /** Acquires it whether or not somebody died while holding it; closing what this gives releases it. */
  public Recovery recover() throws InterruptedException {
    return new Recovery(this, recoverBegin(null) == 1);
  }

  @Override
  public String toString() {
    return "Mutex(\"" + name() + "\")";
  }
%}

%typemap(javacode) mws_robust_semaphore %{
  /** Waits for ever. */
  public boolean acquire() throws InterruptedException {
    return acquire(null);
  }

  public void release() {
    release(1);
  }

  /** Acquires a permit; closing what this gives releases it: {@code try (var turn = semaphore.hold()) {...}}. */
  public Hold hold() throws InterruptedException {
    acquire(null);
    return new Hold(this::release);
  }

  @Override
  public String toString() {
    return "RobustSemaphore(\"" + name() + "\", " + capacity() + ")";
  }
%}

%typemap(javacode) mws_event %{
  /** Waits for ever. */
  public boolean await() throws InterruptedException {
    return await(null);
  }

  @Override
  public String toString() {
    return "Event(\"" + name() + "\")";
  }
%}
