using Castellan.Storage;

namespace Castellan.Tests.Storage;

public class Sql_is_text_with_parameters
{
    private static string Text(Sql sql) => sql.ToString();

    [Fact]
    public void Holes_become_numbered_parameters() => Assert.Equal("SELECT $1, $2 WHERE x = $3", Text($"SELECT {1}, {"a"} WHERE x = {true}"));

    [Fact]
    public void Statements_that_differ_only_in_where_their_holes_are_differ_in_text() => Assert.NotEqual(Text($"SELECT {1}{2} X"), Text($"SELECT {1} X{2}"));

    [Fact]
    public void A_nested_statement_is_spliced_in_and_numbered_anew()
    {
        Sql condition = $"a = {1} AND b = {"x"}";
        Assert.Equal("SELECT $1 WHERE a = $2 AND b = $3 AND c = $4", Text($"SELECT {0} WHERE {condition} AND c = {2}"));
    }

    [Fact]
    public void Lists_expand_to_a_power_of_two_and_empty_ones_to_null()
    {
        Assert.Equal("x IN ($1,$2,$3,$4)", Text($"x IN ({new[] { "a", "b", "c" }})"));
        Assert.Equal("x IN (NULL)", Text($"x IN ({Array.Empty<string>()})"));
    }

    [Fact]
    public void Conditions_are_joined() => Assert.Equal("1 = 1|a = $1 AND b = $2", Text(Sql.And([])) + "|" + Text(Sql.And([$"a = {1}", $"b = {2}"])));

    [Theory, ClassData(typeof(Engines))]
    public async Task Every_kind_of_value_comes_back_as_it_went_in(DbEngine engine)
    {
        await using var db = await TestDb.OpenAsync(engine);
        await db.WriteAsync(Sql.Raw(engine == DbEngine.Sqlite ? "CREATE TABLE v (a TEXT, b BIGINT, c BIGINT, d BLOB, e TEXT)" : "CREATE TABLE v (a TEXT, b BIGINT, c BIGINT, d BYTEA, e TEXT)"));
        string? nothing = null;
        await db.WriteAsync($"INSERT INTO v VALUES ({"it's \"$1\" ü😀"}, {long.MaxValue}, {true}, {new byte[] { 0, 1, 255 }}, {nothing})");
        var row = await db.OneAsync(
            $"SELECT a, b, c, d, e FROM v WHERE b IN ({new[] { 1L, long.MaxValue }})",
            r => (r.GetString(0), r.GetInt64(1), r.Flag(2), Convert.ToHexString(r.GetBytes(3)), r.TextOrNull(4)));
        Assert.Equal(("it's \"$1\" ü😀", long.MaxValue, true, "0001FF", null), row);

        // What may be nothing has to be asked so.
        await Assert.ThrowsAnyAsync<InvalidCastException>(async () => await db.OneAsync($"SELECT e FROM v", r => r.GetString(0)));
        await Assert.ThrowsAnyAsync<InvalidCastException>(async () => await db.OneAsync($"SELECT NULL + b FROM v", r => r.GetInt64(0)));
    }

    [Theory, ClassData(typeof(Engines))]
    public async Task Text_that_PostgreSQL_cannot_hold_is_not_found_instead_of_breaking_the_request(DbEngine engine)
    {
        await using var db = await TestDb.OpenWithTableAsync(engine);
        Assert.Equal(0, await db.ScalarAsync($"SELECT count(*) FROM t WHERE value IN ({"a\0b"}, {"\ud800"}, {"x\udc00y"})"));
    }
}
