using System.Reflection;
using System.Text;
using Castellan.AspNetCore;

namespace Castellan.Tests.AspNetCore;

/// <summary>What programs of others are built against. A change of it is seen here before it is seen there.</summary>
public sealed class PublicApi
{
    private const BindingFlags Own = BindingFlags.Public | BindingFlags.NonPublic | BindingFlags.Instance | BindingFlags.Static | BindingFlags.DeclaredOnly;

    [Fact]
    public void The_package_offers_what_the_file_beside_this_test_says()
    {
        var file = Path.Combine(Folder(), "PublicApi.txt");
        var now = Describe(typeof(CastellanOptions).Assembly);
        if (!File.Exists(file) || File.ReadAllText(file) != now)
        {
            File.WriteAllText(file + ".now", now);
            Assert.Fail($"The public API has changed. When that is meant, move {file}.now over {file}.");
        }
    }

    private static string Folder([System.Runtime.CompilerServices.CallerFilePath] string path = "") => Path.GetDirectoryName(path)!;

    private static string Describe(Assembly assembly)
    {
        var text = new StringBuilder();
        foreach (var type in assembly.GetExportedTypes().OrderBy(t => t.FullName, StringComparer.Ordinal))
        {
            text.Append(type.FullName).Append(type.BaseType is { } parent && parent != typeof(object) ? $" : {Name(parent)}" : "").Append('\n');
            var members = type.GetMembers(Own).Where(IsPublic).Select(Line).Where(line => line.Length > 0).Order(StringComparer.Ordinal);
            foreach (var member in members)
            {
                text.Append("  ").Append(member).Append('\n');
            }
        }

        return text.ToString();
    }

    private static bool IsPublic(MemberInfo member) => member switch
    {
        MethodBase method => method.IsPublic || method.IsFamily || method.IsFamilyOrAssembly,
        PropertyInfo property => property.GetAccessors(nonPublic: true).Any(a => a.IsPublic || a.IsFamily),
        FieldInfo field => field.IsPublic || field.IsFamily,
        _ => false,
    };

    private static string Line(MemberInfo member) => member switch
    {
        ConstructorInfo constructor => $"new({Parameters(constructor)})",
        MethodInfo { IsSpecialName: true } or MethodInfo { Name: "<Clone>$" or "PrintMembers" } => "",
        MethodInfo method => $"{Name(method.ReturnType)} {method.Name}{Generics(method)}({Parameters(method)})",
        PropertyInfo property => $"{Name(property.PropertyType)} {property.Name} {{ {(property.GetMethod is { IsPublic: true } ? "get; " : "")}{Setter(property)}}}",
        FieldInfo { IsLiteral: true } field => $"const {Name(field.FieldType)} {field.Name} = {field.GetRawConstantValue()}",
        FieldInfo field => $"{Name(field.FieldType)} {field.Name}",
        _ => "",
    };

    private static string Setter(PropertyInfo property) => property.SetMethod is not { IsPublic: true } setter ? ""
        : setter.ReturnParameter.GetRequiredCustomModifiers().Length > 0 ? "init; " : "set; ";

    private static string Parameters(MethodBase method) => string.Join(", ", method.GetParameters().Select(p => $"{Name(p.ParameterType)} {p.Name}{(p.HasDefaultValue ? $" = {p.DefaultValue ?? "null"}" : "")}"));

    private static string Generics(MethodInfo method) => method.IsGenericMethod ? $"<{string.Join(", ", method.GetGenericArguments().Select(a => a.Name))}>" : "";

    private static string Name(Type type) => type.IsGenericType ? $"{type.Name.Split('`')[0]}<{string.Join(", ", type.GetGenericArguments().Select(Name))}>" : type.IsArray ? Name(type.GetElementType()!) + "[]" : type.Name;
}
