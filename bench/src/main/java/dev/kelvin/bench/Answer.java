package dev.kelvin.bench;

import io.grpc.stub.StreamObserver;
import java.util.function.Consumer;

/** The answer to one call, or that there is none. */
record Answer<T>(Consumer<T> answered, Runnable failed) implements StreamObserver<T> {
  @Override
  public void onNext(T answer) {
    answered.accept(answer);
  }

  @Override
  public void onError(Throwable error) {
    failed.run();
  }

  @Override
  public void onCompleted() {
    // The answer has been seen.
  }
}
