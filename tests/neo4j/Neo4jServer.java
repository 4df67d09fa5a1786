// A Neo4j Community server in this process, on a free port of loopback. Reads its password, prints its Bolt address, and ends when
// standard input does: at once, since a server of a test has nothing to bring into order. Argument: a directory of its own.
import java.io.BufferedReader;
import java.io.InputStreamReader;
import java.nio.file.Path;
import java.util.Map;
import org.neo4j.configuration.GraphDatabaseSettings;
import org.neo4j.harness.Neo4j;
import org.neo4j.harness.Neo4jBuilders;

public class Neo4jServer {
    public static void main(String[] arguments) throws Exception {
        BufferedReader input = new BufferedReader(new InputStreamReader(System.in));
        Map<String, Object> password = Map.of("password", input.readLine());
        Neo4j server = Neo4jBuilders.newInProcessBuilder(Path.of(arguments[0]))
            .withDisabledServer()
            .withConfig(GraphDatabaseSettings.auth_enabled, true)
            .build();
        server.databaseManagementService().database("system")
            .executeTransactionally("ALTER USER neo4j SET PASSWORD $password CHANGE NOT REQUIRED", password);
        System.out.println(server.boltURI());
        while (input.readLine() != null) { }
        Runtime.getRuntime().halt(0);
    }
}
