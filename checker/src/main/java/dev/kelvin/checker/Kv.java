package dev.kelvin.checker;

/** A key's newest version as an answer shows it. */
public record Kv(String key, String value, long create, long mod, long version) {
  @Override
  public String toString() {
    return key + "=" + value + "@" + create + "/" + mod + "/" + version;
  }
}
