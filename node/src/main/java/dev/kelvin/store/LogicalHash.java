package dev.kelvin.store;

import java.nio.ByteBuffer;
import java.util.zip.CRC32C;

/** Hash over versions of keys, fed in the order of the keys and their versions. */
final class LogicalHash {
  private final CRC32C crc = new CRC32C();
  private final ByteBuffer facts = ByteBuffer.allocate(4 + 8 + 4 + 8 + 8 + 8 + 4);

  void add(byte[] key, Version version) {
    facts
        .clear()
        .putInt(key.length)
        .putLong(version.mod())
        .putInt(version.sub())
        .putLong(version.create())
        .putLong(version.version())
        .putLong(version.lease())
        .putInt(version.value().size())
        .flip();
    crc.update(facts);
    crc.update(key);
    crc.update(version.value().asReadOnlyByteBuffer());
  }

  void add(byte[] bytes) {
    crc.update(facts.clear().putInt(bytes.length).flip());
    crc.update(bytes);
  }

  int value() {
    return (int) crc.getValue();
  }
}
