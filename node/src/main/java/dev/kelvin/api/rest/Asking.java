package dev.kelvin.api.rest;

import dev.kelvin.api.ApiError;
import dev.kelvin.api.Exchange;
import dev.kelvin.store.Outcome;
import io.smallrye.mutiny.Uni;
import jakarta.ws.rs.core.Response;
import java.util.concurrent.Executor;
import java.util.function.Consumer;
import java.util.function.Function;

/** A request of a resource on its way, and its answer as the framework wants it. */
final class Asking {
  private Asking() {}

  static Uni<Response> ask(Consumer<Exchange> request, Function<Outcome, Response> response) {
    return ask(request, response, error -> Problem.of(error).response());
  }

  /**
   * @param request begins to be carried out
   * @param response to what became of it
   */
  static Uni<Response> ask(
      Consumer<Exchange> request,
      Function<Outcome, Response> response,
      Function<ApiError, Response> refusal) {
    return Uni.createFrom()
        .emitter(
            emitter -> {
              var lane = Lane.current();
              request.accept(
                  new Exchange() {
                    @Override
                    public Executor lane() {
                      return lane;
                    }

                    @Override
                    public boolean requiresLeader() {
                      return false;
                    }

                    @Override
                    public void done(Outcome outcome) {
                      emitter.complete(response.apply(outcome));
                    }

                    @Override
                    public void refuse(ApiError error) {
                      emitter.complete(refusal.apply(error));
                    }
                  });
            });
  }
}
