import java.io.PrintStream;
import java.lang.management.ManagementFactory;
import java.lang.management.ThreadMXBean;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import org.apache.jena.graph.Graph;
import org.apache.jena.riot.RDFDataMgr;
import org.apache.jena.shacl.ShaclValidator;
import org.apache.jena.shacl.Shapes;
import org.apache.jena.shacl.ValidationReport;

/** Validate data, repeats times in one JVM: a line of CPU seconds of this thread for each (load, validate), then the results. */
public class Validate {
    private static final ThreadMXBean CLOCK = ManagementFactory.getThreadMXBean();

    public static void main(String[] args) {
        Shapes shapes = Shapes.parse(RDFDataMgr.loadGraph(args[0]));
        PrintStream out = new PrintStream(System.out, false, StandardCharsets.UTF_8);
        List<String> told = new ArrayList<>();
        for (int run = 0; run < Integer.parseInt(args[2]); run++) {
            long start = CLOCK.getCurrentThreadCpuTime();
            Graph data = RDFDataMgr.loadGraph(args[1]);
            long loaded = CLOCK.getCurrentThreadCpuTime();
            ValidationReport report = ShaclValidator.get().validate(shapes, data);
            long done = CLOCK.getCurrentThreadCpuTime();
            out.printf("seconds %.6f %.6f%n", (loaded - start) / 1e9, (done - loaded) / 1e9);
            told.clear();
            report.getEntries().forEach(e -> told.add(e.focusNode() + " " + e.sourceConstraintComponent()));
        }
        Collections.sort(told);
        told.forEach(line -> out.println("result " + line));
        out.flush();
    }
}
