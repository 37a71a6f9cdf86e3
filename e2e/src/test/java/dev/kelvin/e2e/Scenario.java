package dev.kelvin.e2e;

import java.util.List;
import java.util.Locale;
import java.util.function.Supplier;
import org.junit.jupiter.api.extension.AfterAllCallback;
import org.junit.jupiter.api.extension.BeforeAllCallback;
import org.junit.jupiter.api.extension.ExtensionContext;
import org.junit.jupiter.api.extension.LifecycleMethodExecutionExceptionHandler;
import org.junit.jupiter.api.extension.TestExecutionExceptionHandler;

/**
 * Gives a test class a namespace of its own, which enforces the restricted Pod Security Standard,
 * and the shell; prints what a person would look at when a test fails.
 */
final class Scenario
    implements BeforeAllCallback,
        AfterAllCallback,
        LifecycleMethodExecutionExceptionHandler,
        TestExecutionExceptionHandler {
  private final Supplier<Kubernetes> kubernetes;
  private Shell shell;
  private String namespace;

  Scenario() {
    this(Kubernetes::get);
  }

  /** On a cluster of the test class's own. */
  Scenario(Supplier<Kubernetes> kubernetes) {
    this.kubernetes = kubernetes;
  }

  Kubernetes kubernetes() {
    return kubernetes.get();
  }

  @Override
  public void beforeAll(ExtensionContext context) {
    shell = kubernetes().shell();
    namespace =
        "e2e-"
            + context
                .getRequiredTestClass()
                .getSimpleName()
                .replaceAll("IT$", "")
                .toLowerCase(Locale.ROOT);
    shell.run("kubectl delete namespace %s --ignore-not-found".formatted(namespace));
    shell.run("kubectl create namespace " + namespace);
    shell.run(
        "kubectl label namespace %s pod-security.kubernetes.io/enforce=restricted"
            .formatted(namespace));
  }

  String namespace() {
    return namespace;
  }

  /** Runs {@code kubectl} in the namespace; it must succeed. */
  String kubectl(String arguments) {
    return shell.run(command(arguments));
  }

  /** Runs {@code kubectl} in the namespace; it may fail. */
  Shell.Said attempt(String arguments) {
    return shell.attempt(command(arguments));
  }

  private String command(String arguments) {
    return "kubectl --namespace %s %s".formatted(namespace, arguments);
  }

  @Override
  public void handleTestExecutionException(ExtensionContext context, Throwable failure)
      throws Throwable {
    tell(context);
    throw failure;
  }

  @Override
  public void handleBeforeAllMethodExecutionException(ExtensionContext context, Throwable failure)
      throws Throwable {
    tell(context);
    throw failure;
  }

  @Override
  public void handleAfterAllMethodExecutionException(ExtensionContext context, Throwable failure)
      throws Throwable {
    tell(context);
    throw failure;
  }

  private void tell(ExtensionContext context) {
    var title = context.getRequiredTestClass().getSimpleName() + ": " + context.getDisplayName();
    System.out.println("---- what was seen when it failed: " + title);
    for (var command :
        List.of(
            command("get kv,statefulset,pod,pvc,pdb,svc -o wide"),
            command("get kv -o yaml"),
            command("get events --sort-by=.metadata.creationTimestamp"),
            command("logs -l app.kubernetes.io/name=kelvin --tail=60 --prefix --timestamps=false"),
            command("logs -l app.kubernetes.io/name=kelvin --tail=30 --prefix --previous"),
            command("logs checker --tail=40"),
            "kubectl --namespace %s get pod,event".formatted(Kubernetes.OPERATOR_NAMESPACE),
            "kubectl --namespace %s logs -l app.kubernetes.io/name=kelvin-operator --tail=200"
                .formatted(Kubernetes.OPERATOR_NAMESPACE))) {
      System.out.printf("$ %s%n%s%n", command, shell.attempt(command).output());
    }
  }

  @Override
  public void afterAll(ExtensionContext context) {
    if (shell == null) {
      return;
    }
    shell.run("kubectl delete namespace %s --wait=false".formatted(namespace));
  }
}
