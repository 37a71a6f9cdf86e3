package dev.kelvin.store;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;

import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.rocksdb.Env;
import org.rocksdb.WriteBatch;

class RowBatchTest {
  @TempDir Path dir;

  @Test
  void rowsOfEverySizeComeBackFromTheirFamilies() throws Exception {
    var database = Database.open(Env.getDefault(), dir.toString(), StoreConfig.simulated(), true);
    var db = database.db();
    var batch = new RowBatch(database.events().getID());
    var sizes = new int[] {0, 1, 127, 128, 16383, 16384, 3_000_000};
    for (int round = 0; round < 2; round++) {
      batch.clear();
      for (int size : sizes) {
        batch.put(key(size), new byte[size]);
        batch.putEvent(key(size), new byte[size + 1]);
      }
      batch.put(key(-1), new byte[5]);
      batch.delete(key(-1));
      batch.putEvent(key(-1), new byte[5]);
      batch.deleteEvent(key(-1));
      try (var rows = new WriteBatch(batch.serialized())) {
        assertEquals(2 * sizes.length + 4, rows.count());
      }
      database.write(batch);
      for (int size : sizes) {
        assertArrayEquals(new byte[size], db.get(key(size)));
        assertArrayEquals(new byte[size + 1], db.get(database.events(), key(size)));
      }
      assertNull(db.get(key(-1)));
      assertNull(db.get(database.events(), key(-1)));
    }
    database.retire();
  }

  private static byte[] key(int number) {
    return ("key " + number).getBytes(UTF_8);
  }
}
