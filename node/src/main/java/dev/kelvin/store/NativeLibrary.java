package dev.kelvin.store;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import org.rocksdb.util.Environment;

/**
 * RocksDB's native library as a file. Found on {@code java.library.path}, it is not unpacked into a
 * temporary file at every start, which a process that is killed leaves behind and which a read-only
 * system has no place for.
 */
public final class NativeLibrary {
  private static final String ROCKSDB = "rocksdb";

  private NativeLibrary() {}

  /** Writes this platform's library into {@code directory}, under the name it is looked up by. */
  public static void unpack(Path directory) throws IOException {
    var resource = Environment.getJniLibraryFileName(ROCKSDB);
    try (var library = NativeLibrary.class.getClassLoader().getResourceAsStream(resource)) {
      if (library == null) {
        throw new IOException("no RocksDB for this platform: " + resource);
      }
      Files.copy(
          library,
          directory.resolve(System.mapLibraryName(Environment.getSharedLibraryName(ROCKSDB))),
          StandardCopyOption.REPLACE_EXISTING);
    }
  }
}
