package dev.kelvin.client;

/** A node answered that it will not do it. The message is the node's own. */
public final class ServerException extends RuntimeException {
  private static final long serialVersionUID = 1;

  /** gRPC's status codes, as far as a client acts by them. */
  public static final int CANCELLED = 1;

  public static final int UNKNOWN = 2;
  public static final int INVALID_ARGUMENT = 3;
  public static final int DEADLINE_EXCEEDED = 4;
  public static final int NOT_FOUND = 5;
  public static final int RESOURCE_EXHAUSTED = 8;
  public static final int UNAVAILABLE = 14;

  private final int code;

  ServerException(int code, String message) {
    super(message);
    this.code = code;
  }

  /** gRPC's status code. */
  public int code() {
    return code;
  }
}
