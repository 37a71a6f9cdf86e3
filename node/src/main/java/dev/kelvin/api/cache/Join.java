package dev.kelvin.api.cache;

/** JOIN: a node that waits is to become a member. */
final class Join extends CacheOperation {
  private final Joins joins;
  private final String name;
  private final String address;

  Join(Connection connection, Joins joins, String name, String address, int size, int held) {
    super(connection, null, false, size, held);
    this.joins = joins;
    this.name = name;
    this.address = address;
  }

  @Override
  void begin() {
    joins.join(name, address, joined -> lane().execute(() -> answer(joined ? OK : ERROR)));
  }
}
