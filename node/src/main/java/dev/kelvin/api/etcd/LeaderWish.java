package dev.kelvin.api.etcd;

import io.grpc.Context;
import io.grpc.Contexts;
import io.grpc.Metadata;
import io.grpc.ServerCall;
import io.grpc.ServerCallHandler;
import io.grpc.ServerInterceptor;

/** Hands the {@code hasleader} metadata to services made of generated stubs. */
final class LeaderWish implements ServerInterceptor {
  private static final Context.Key<Boolean> WISH = Context.key("hasleader");

  @Override
  public <Q, A> ServerCall.Listener<Q> interceptCall(
      ServerCall<Q, A> call, Metadata headers, ServerCallHandler<Q, A> next) {
    if (!Lanes.requiresLeader(headers)) {
      return next.startCall(call, headers);
    }
    return Contexts.interceptCall(Context.current().withValue(WISH, true), call, headers, next);
  }

  static boolean current() {
    return Boolean.TRUE.equals(WISH.get());
  }
}
