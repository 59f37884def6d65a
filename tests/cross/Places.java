// The kinds of memory and of semaphores that two peers can share, each written as one word. README.md lists the words.
//
// Main entries: create, attach.
//
// SPDX-License-Identifier: MIT

import org.memwell.Options;
import org.memwell.Region;
import org.memwell.Semaphore;

final class Places {
  private Places() {}

  private static final int SIZE = 4096, PING_AT = 512, PONG_AT = 576;

  /** A region, and two semaphores: of System V where the region is, else inside it. */
  record Place(Region region, Semaphore ping, Semaphore pong) implements AutoCloseable {
    @Override
    public void close() {
      ping.close();
      pong.close();
      region.close();
    }
  }

  private static Region createRegion(String kind, String what) throws InterruptedException {
    switch (kind) {
      case "name":
        return Region.create(what, SIZE);
      case "key":
        return Region.sysv(Integer.parseInt(what), new Options().size(SIZE).how("create"));
      case "fd":
        return Region.fromFd(Integer.parseInt(what));
      default:
        Region region = Region.memfd(SIZE);
        region.seal("grow", "shrink", "seal");
        region.send(Integer.parseInt(what));
        return region;
    }
  }

  private static Region attachRegion(String kind, String what) throws InterruptedException {
    return switch (kind) {
      case "name" -> Region.attach(what);
      case "key" -> Region.sysv(Integer.parseInt(what));
      case "fd" -> Region.fromFd(Integer.parseInt(what));
      default -> Region.receive(Integer.parseInt(what), null, new Options().requireSeals("grow", "shrink"));
    };
  }

  static Place create(String word) throws InterruptedException {
    String[] parts = word.split(":");
    Region region = createRegion(parts[0], parts[1]);
    if (!parts[0].equals("key")) return new Place(region, Semaphore.at(region, PING_AT, 0), Semaphore.at(region, PONG_AT, 0));
    int key = Integer.parseInt(parts[1]);
    Semaphore ping = Semaphore.sysv(key, 0, new Options().how("create").count(2));
    return new Place(region, ping, Semaphore.sysv(key, 1));
  }

  static Place attach(String word) throws InterruptedException {
    String[] parts = word.split(":");
    Region region = attachRegion(parts[0], parts[1]);
    if (region.size() != SIZE) throw new IllegalStateException("the region has another size");
    if (!parts[0].equals("key")) return new Place(region, Semaphore.at(region, PING_AT), Semaphore.at(region, PONG_AT));
    int key = Integer.parseInt(parts[1]);
    return new Place(region, Semaphore.sysv(key, 0), Semaphore.sysv(key, 1));
  }

  static void remove(String word) {
    String[] parts = word.split(":");
    if (parts[0].equals("name")) Region.unlink(parts[1]);
    if (!parts[0].equals("key")) return;
    Region.sysvRemove(Integer.parseInt(parts[1]));
    Semaphore.sysvRemove(Integer.parseInt(parts[1]));
  }
}
