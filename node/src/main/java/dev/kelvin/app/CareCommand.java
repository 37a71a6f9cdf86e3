package dev.kelvin.app;

import dev.kelvin.member.Ids;
import dev.kelvin.proto.care.BootstrapRequest;
import dev.kelvin.proto.care.CareGrpc;
import dev.kelvin.proto.care.CareGrpc.CareBlockingStub;
import dev.kelvin.proto.care.JoinRequest;
import dev.kelvin.proto.care.LeaveRequest;
import dev.kelvin.proto.care.LogLevelRequest;
import dev.kelvin.proto.care.Member;
import dev.kelvin.proto.care.MembersResponse;
import dev.kelvin.proto.care.PromoteRequest;
import dev.kelvin.proto.care.RecoverRequest;
import dev.kelvin.proto.care.RemoveRequest;
import dev.kelvin.proto.care.SetAsideRequest;
import dev.kelvin.proto.care.StatusRequest;
import dev.kelvin.proto.care.StatusResponse;
import dev.kelvin.proto.care.TransferRequest;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.grpc.netty.NettyChannelBuilder;
import java.io.PrintWriter;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.TimeUnit;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.OptionSpec;
import picocli.CommandLine.Model.PositionalParamSpec;
import picocli.CommandLine.ParseResult;

/** {@code kelvin care}: what a person tells a node's cluster care, on its peer port. */
final class CareCommand {
  static final String NAME = "care";

  private static final String NODE = "--node";
  private static final long DEADLINE_SECONDS = 40;

  /** What can be asked for. */
  private enum Task {
    STATUS("", "Shows how a node stands."),
    BOOTSTRAP("", "Founds a cluster of a node that waits."),
    JOIN("HOST:PORT...", "Has a node that waits ask these members to be let in."),
    PROMOTE("MEMBER", "Makes a learner that has caught up a voter."),
    REMOVE("MEMBER", "Takes a member out of the cluster, for good."),
    TRANSFER("[MEMBER]", "Hands leadership to a voter; without one, to the best suited."),
    LEAVE("", "Takes this node out of its cluster."),
    SET_ASIDE("MEMBER", "Renames a removed member's data; the node waits with an empty disk."),
    LOG_LEVEL("[LEVEL]", "Shows or changes how much a node logs: error, warn, info, debug, trace."),
    RECOVER(
        "MEMBER",
        "Goes on with this member alone, as a new cluster, when the quorum is lost for good.");

    private final String parameters;
    private final String help;

    Task(String parameters, String help) {
      this.parameters = parameters;
      this.help = help;
    }

    String command() {
      return name().toLowerCase(Locale.ROOT).replace('_', '-');
    }
  }

  private final PrintWriter out;

  CareCommand(PrintWriter out) {
    this.out = out;
  }

  static CommandSpec spec() {
    var care = CommandSpec.create().name(NAME).mixinStandardHelpOptions(true);
    care.usageMessage()
        .width(100)
        .description("Tells a node what to do with itself or its cluster.");
    for (var task : Task.values()) {
      var command = CommandSpec.create().name(task.command()).mixinStandardHelpOptions(true);
      command.usageMessage().width(100).description(task.help);
      command.addOption(
          OptionSpec.builder(NODE)
              .paramLabel("HOST:PORT")
              .type(String.class)
              .defaultValue("127.0.0.1:2380")
              .description("Peer address of the node that is asked. Default: 127.0.0.1:2380.")
              .build());
      if (!task.parameters.isEmpty()) {
        boolean many = task.parameters.endsWith("...");
        boolean optional = task.parameters.startsWith("[");
        command.addPositional(
            PositionalParamSpec.builder()
                .paramLabel(task.parameters.replaceAll("[\\[\\].]", ""))
                .index(many ? "0..*" : "0")
                .type(List.class)
                .auxiliaryTypes(String.class)
                .arity(optional ? "0..1" : many ? "1..*" : "1")
                .required(!optional)
                .build());
      }
      care.addSubcommand(task.command(), command);
    }
    return care;
  }

  /**
   * Does what the command line says.
   *
   * @param parsed of the innermost command
   * @return the exit code
   * @throws OptionException for a command line that says nothing sensible
   */
  int run(ParseResult parsed, PrintWriter err) {
    var name = parsed.commandSpec().name();
    var task =
        Arrays.stream(Task.values())
            .filter(t -> t.command().equals(name))
            .findFirst()
            .orElseThrow(() -> new OptionException("which care? See \"kelvin care --help\""));
    String node = parsed.matchedOptionValue(NODE, "127.0.0.1:2380");
    List<String> parameters = parsed.matchedPositionalValue(0, List.<String>of());
    int colon = node.lastIndexOf(':');
    if (colon < 1 || !node.substring(colon + 1).matches("[0-9]{1,5}")) {
      throw new OptionException(NODE + " " + node + ": should look like HOST:PORT");
    }
    var channel =
        NettyChannelBuilder.forAddress(
                node.substring(0, colon), Integer.parseInt(node.substring(colon + 1)))
            .usePlaintext()
            .build();
    try {
      carryOut(
          task,
          parameters,
          CareGrpc.newBlockingStub(channel).withDeadlineAfter(DEADLINE_SECONDS, TimeUnit.SECONDS));
      return 0;
    } catch (StatusRuntimeException e) {
      var status = e.getStatus();
      boolean silent = status.getCode() == Status.Code.UNAVAILABLE && e.getCause() != null;
      err.println(
          silent
              ? "kelvin: no answer from " + node + ": " + e.getCause().getMessage()
              : "kelvin: " + node + " says: " + status.getDescription());
      return 1;
    } finally {
      channel.shutdownNow();
    }
  }

  private void carryOut(Task task, List<String> parameters, CareBlockingStub node) {
    switch (task) {
      case STATUS -> show(node.status(StatusRequest.getDefaultInstance()));
      case BOOTSTRAP -> {
        var found = node.status(StatusRequest.getDefaultInstance());
        show(
            node.bootstrap(
                BootstrapRequest.newBuilder()
                    .setClusterId(Ids.random())
                    .setIncarnation(found.getIncarnation())
                    .build()));
      }
      case JOIN -> show(node.join(JoinRequest.newBuilder().addAllMembers(parameters).build()));
      case PROMOTE ->
          show(node.promote(PromoteRequest.newBuilder().setMemberId(id(parameters)).build()));
      case REMOVE ->
          show(node.remove(RemoveRequest.newBuilder().setMemberId(id(parameters)).build()));
      case TRANSFER -> {
        long to = parameters.isEmpty() ? 0 : id(parameters);
        var now = node.transfer(TransferRequest.newBuilder().setTo(to).build());
        out.printf("leader %016x, term %d%n", now.getLeader(), now.getTerm());
      }
      case LEAVE -> show(node.leave(LeaveRequest.getDefaultInstance()));
      case SET_ASIDE ->
          show(node.setAside(SetAsideRequest.newBuilder().setMemberId(id(parameters)).build()));
      case LOG_LEVEL -> {
        var level = parameters.isEmpty() ? "" : parameters.getFirst();
        out.println(node.logLevel(LogLevelRequest.newBuilder().setLevel(level).build()).getLevel());
      }
      case RECOVER -> {
        var found = node.status(StatusRequest.getDefaultInstance());
        show(
            node.recover(
                RecoverRequest.newBuilder()
                    .setMemberId(id(parameters))
                    .setClusterId(found.getClusterId())
                    .setNewClusterId(Ids.random())
                    .build()));
      }
    }
  }

  private static long id(List<String> parameters) {
    try {
      return Long.parseUnsignedLong(parameters.getFirst(), 16);
    } catch (NumberFormatException e) {
      throw new OptionException(
          parameters.getFirst() + " is no member ID; it is up to 16 hex digits, as in the status");
    }
  }

  private void show(StatusResponse status) {
    out.printf("state        %s%n", status.getState());
    out.printf("name         %s%n", status.getName());
    out.printf("incarnation  %016x%n", status.getIncarnation());
    if (!status.getRestoreRefusal().isEmpty()) {
      out.printf("not founded  %s%n", status.getRestoreRefusal());
    }
    if (status.getMemberId() != 0) {
      out.printf("member       %016x%n", status.getMemberId());
      out.printf("cluster      %016x%n", status.getClusterId());
    }
    for (long ancestor : status.getAncestorsList()) {
      out.printf("recovered of %016x%n", ancestor);
    }
    if (status.getTerm() != 0) {
      out.printf(
          "leader       %s, term %d%n",
          status.getLeader() == 0 ? "none" : "%016x".formatted(status.getLeader()),
          status.getTerm());
      out.printf(
          "log          last entry %d of term %d, committed %d, applied %d%n",
          status.getLastIndex(),
          status.getLastTerm(),
          status.getCommitIndex(),
          status.getAppliedIndex());
      out.printf(
          "size         log %d MiB, store %d MiB%n",
          status.getLogSize() >> 20, status.getStoreSize() >> 20);
    }
    out.printf(
        "disk         %d MiB of %d MiB free%s%n",
        status.getDiskFree() >> 20,
        status.getDiskSize() >> 20,
        status.getShortOfSpace() ? ": short of space" : "");
    for (var alarm : status.getAlarmsList()) {
      out.printf("alarm        %s of %016x%n", alarm.getType(), alarm.getMemberId());
    }
    out.printf("version      %s%n", status.getVersion());
    show(status.getMembersList());
  }

  private void show(MembersResponse response) {
    out.printf("cluster      %016x%n", response.getClusterId());
    show(response.getMembersList());
  }

  private void show(List<Member> members) {
    for (var member : members) {
      out.printf(
          "  %016x  %-7s  %-12s  %s%n",
          member.getId(),
          member.getIncarnation() == 0 ? "added" : member.getLearner() ? "learner" : "voter",
          member.getName(),
          String.join(",", member.getPeerUrlsList()));
    }
  }
}
