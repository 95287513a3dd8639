using System.Reflection;
using System.Text.RegularExpressions;

namespace Castellan.Tests;

/// <summary>What docs/decisions/0001-rooms.md says about who may know whom, held against what was built.</summary>
public sealed partial class Architecture
{
    /// <summary>The rooms and the rooms that each may know.</summary>
    private static readonly Dictionary<string, string[]> Arrows = new()
    {
        ["Castellan.Protocol"] = [],
        ["Castellan.Core"] = ["Castellan.Protocol"],
        ["Castellan.Storage"] = ["Castellan.Core", "Castellan.Protocol"],
        ["Castellan.Server"] = ["Castellan.Core", "Castellan.Protocol"],
        ["castellan"] = ["Castellan.Server", "Castellan.Storage", "Castellan.Core", "Castellan.Protocol"],
        ["Castellan.AspNetCore"] = ["Castellan.Protocol"],
    };

    public static TheoryData<string> Rooms => [.. Arrows.Keys];

    [Theory, MemberData(nameof(Rooms))]
    public void A_room_knows_only_the_rooms_it_may_know(string room)
    {
        var known = Assembly.Load(room).GetReferencedAssemblies().Select(name => name.Name!);
        var strangers = known.Where(Arrows.ContainsKey).Except(Arrows[room]);
        Assert.Empty(strangers);
    }

    [Theory, InlineData("Castellan.Protocol"), InlineData("Castellan.Core"), InlineData("Castellan.Storage")]
    public void A_room_below_the_server_knows_nothing_of_HTTP_servers(string room) =>
        Assert.DoesNotContain(Assembly.Load(room).GetReferencedAssemblies(), name => name.Name!.StartsWith("Microsoft.AspNetCore", StringComparison.Ordinal));

    [Fact]
    public void Protocol_stands_on_the_base_class_library_and_one_package_for_what_it_lacks() =>
        Assert.DoesNotContain(Assembly.Load("Castellan.Protocol").GetReferencedAssemblies(), name =>
            !name.Name!.StartsWith("System", StringComparison.Ordinal) && name.Name != "BouncyCastle.Cryptography");

    [Fact]
    public void Only_storage_holds_SQL() => NoneMatches(Sql(), "Castellan.Storage");

    [Fact]
    public void Only_the_server_and_the_package_name_HttpContext() => NoneMatches(HttpContextName(), "Castellan.Server", "Castellan.AspNetCore");

    [Fact]
    public void Product_code_knows_of_no_test_material() => NoneMatches(TestMaterial());

    [Fact]
    public void Product_code_names_no_machine() => NoneMatches(MachinePath());

    [Fact]
    public void No_name_says_merely_that_something_manages_or_helps()
    {
        var vague = Sources().Select(source => Path.GetFileNameWithoutExtension(source.Path)).Where(name => VagueName().IsMatch(name));
        Assert.Empty(vague);
    }

    [Fact]
    public void No_source_file_hides_code_in_a_region() => NoneMatches(Region());

    /// <summary>Readme, recipes and book name files and folders: those in code marks (up to a <c>&lt;Name&gt;</c> to be filled in) and those that are links.</summary>
    [Fact]
    public void What_the_guides_point_at_is_there()
    {
        var guides = new[] { "README.md", "CONTRIBUTING.md" }.Concat(Directory.EnumerateFiles(Path.Combine(Top, "docs"), "*.md", SearchOption.AllDirectories)).ToList();
        var gone = from guide in guides
                   let text = File.ReadAllText(Path.Combine(Top, guide))
                   from path in MarkedPath().Matches(text).Select(m => Path.Combine(Top, m.Groups[1].Value))
                       .Concat(LocalLink().Matches(text).Select(m => Path.Combine(Top, Path.GetDirectoryName(guide)!, m.Groups[1].Value)))
                   where !Path.Exists(path)
                   select $"{Path.GetFileName(guide)}: {Path.GetRelativePath(Top, path)}";
        Assert.Empty(gone);
    }

    /// <summary>No line of product code outside the given rooms matches; what stands in a comment is only talk.</summary>
    private static void NoneMatches(Regex pattern, params string[] exceptIn)
    {
        Assert.NotEmpty(Sources());
        var lines = from source in Sources()
                    where !exceptIn.Contains(source.Room)
                    from line in File.ReadLines(source.Path).Select((text, index) => (Text: text.Trim(), Number: index + 1))
                    where !line.Text.StartsWith("//", StringComparison.Ordinal) && pattern.IsMatch(line.Text)
                    select $"{Path.GetRelativePath(Top, source.Path)}:{line.Number}: {line.Text}";
        Assert.Empty(lines);
    }

    private static IEnumerable<(string Room, string Path)> Sources() =>
        from path in Directory.EnumerateFiles(Path.Combine(Top, "src"), "*.cs*", SearchOption.AllDirectories)
        let parts = Path.GetRelativePath(Path.Combine(Top, "src"), path).Split(Path.DirectorySeparatorChar)
        where !parts.Contains("obj") && !parts.Contains("bin") && Path.GetExtension(path) is (".cs" or ".cshtml")
        select (parts[0], path);

    private static readonly string Top = FindTop();

    private static string FindTop()
    {
        var folder = new DirectoryInfo(AppContext.BaseDirectory);
        while (!File.Exists(Path.Combine(folder.FullName, "Castellan.slnx")))
            folder = folder.Parent ?? throw new DirectoryNotFoundException("The tests run outside of the repository.");
        return folder.FullName;
    }

    [GeneratedRegex(@"\b(SELECT\s.*\bFROM|INSERT INTO|DELETE FROM|UPDATE \w+ SET|CREATE TABLE|ALTER TABLE)\b")]
    private static partial Regex Sql();

    [GeneratedRegex(@"\b(Default)?HttpContext\b")]
    private static partial Regex HttpContextName();

    [GeneratedRegex(@"\b(parity|recordings?)\b", RegexOptions.IgnoreCase)]
    private static partial Regex TestMaterial();

    [GeneratedRegex(@"[""'\s]/(tmp|work|root|home)/\w")]
    private static partial Regex MachinePath();

    [GeneratedRegex(@"(Manager|Helpers?|Base|Utils?|Utilities|Impl)$|^I\w+Service$")]
    private static partial Regex VagueName();

    [GeneratedRegex(@"`((?:src|tests|samples|docs|tools|ui|bench)/[^`\s<*…]*?)(?:(?:NNNN|NAME)?[<_][^`]*)?`")]
    private static partial Regex MarkedPath();

    [GeneratedRegex(@"\]\(([^)#:\s]+)[)#]")]
    private static partial Regex LocalLink();

    [GeneratedRegex(@"^#region\b")]
    private static partial Regex Region();
}
