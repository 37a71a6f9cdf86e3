package dev.kelvin.api.etcd;

import dev.kelvin.api.LockRequests;
import dev.kelvin.proto.v3lockpb.LockRequest;
import dev.kelvin.proto.v3lockpb.UnlockRequest;
import java.util.Map;

/** v3lockpb.Lock. */
final class LockService {
  private final LockRequests locks;

  LockService(LockRequests locks) {
    this.locks = locks;
  }

  Map<String, Call.Method> methods() {
    return Map.of(
        "Lock",
        (in, call) -> locks.lock(LockRequest.parseFrom(in), call),
        "Unlock",
        (in, call) -> locks.unlock(UnlockRequest.parseFrom(in), call));
  }
}
