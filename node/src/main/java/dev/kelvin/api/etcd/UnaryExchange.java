package dev.kelvin.api.etcd;

import dev.kelvin.api.ApiError;
import dev.kelvin.api.Exchange;
import dev.kelvin.store.Outcome;
import io.grpc.stub.ServerCallStreamObserver;
import io.grpc.stub.StreamObserver;
import java.util.concurrent.Executor;
import java.util.function.Function;

/** One unary call through generated stubs, for the calls that are not frequent. */
final class UnaryExchange<T> implements Exchange {
  private final ServerCallStreamObserver<T> observer;
  private final Executor lane;
  private final boolean requiresLeader;
  private final Function<Outcome, T> answer;

  UnaryExchange(
      StreamObserver<T> observer,
      Executor lane,
      boolean requiresLeader,
      Function<Outcome, T> answer) {
    this.observer = (ServerCallStreamObserver<T>) observer;
    this.lane = lane;
    this.requiresLeader = requiresLeader;
    this.answer = answer;
  }

  @Override
  public Executor lane() {
    return lane;
  }

  @Override
  public boolean requiresLeader() {
    return requiresLeader;
  }

  @Override
  public void done(Outcome outcome) {
    reply(answer.apply(outcome));
  }

  void reply(T message) {
    if (!observer.isCancelled()) {
      observer.onNext(message);
      observer.onCompleted();
    }
  }

  @Override
  public void refuse(ApiError error) {
    if (!observer.isCancelled()) {
      observer.onError(Statuses.of(error).asRuntimeException());
    }
  }
}
