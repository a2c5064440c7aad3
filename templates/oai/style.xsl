<?xml version="1.0" encoding="utf-8"?>
<!-- How a browser shows the answers of the provider: for people who look at them, no harvester reads this. -->
<xsl:stylesheet version="1.0" xmlns:xsl="http://www.w3.org/1999/XSL/Transform" xmlns:o="http://www.openarchives.org/OAI/2.0/">
<xsl:output method="html" encoding="utf-8" doctype-system="about:legacy-compat"/>
<xsl:template match="/o:OAI-PMH">
<html lang="{{ current_language() }}">
<head><meta name="viewport" content="width=device-width, initial-scale=1"/><title>OAI-PMH · {{ site_name() }}</title><link rel="stylesheet" href="{{ url_for("static", filename="muras.css") }}"/></head>
<body>
<main id="main">
<p class="kind"><span>OAI-PMH 2.0</span> <span><xsl:value-of select="o:responseDate"/></span></p>
<h1>{{ site_name() }}: <xsl:value-of select="local-name(*[3])"/></h1>
<p><a href="?verb=Identify">Identify</a> · <a href="?verb=ListSets">ListSets</a> · <a href="?verb=ListMetadataFormats">ListMetadataFormats</a> · <a href="?verb=ListRecords&amp;metadataPrefix=oai_dc">ListRecords</a> · <a href="?verb=ListIdentifiers&amp;metadataPrefix=oai_dc">ListIdentifiers</a></p>
<xsl:apply-templates select="*[3]"/>
</main>
</body>
</html>
</xsl:template>
<xsl:template match="o:error"><p><b><xsl:value-of select="@code"/></b>: <xsl:value-of select="."/></p></xsl:template>
<xsl:template match="o:Identify"><dl class="facts"><xsl:for-each select="*[not(*)]"><dt><xsl:value-of select="local-name()"/></dt><dd><xsl:value-of select="."/></dd></xsl:for-each></dl></xsl:template>
<xsl:template match="o:ListSets"><ul><xsl:for-each select="o:set"><li><a href="?verb=ListRecords&amp;metadataPrefix=oai_dc&amp;set={o:setSpec}"><xsl:value-of select="o:setName"/></a> <small><xsl:value-of select="o:setSpec"/></small></li></xsl:for-each></ul></xsl:template>
<xsl:template match="o:ListMetadataFormats"><ul><xsl:for-each select="o:metadataFormat"><li><a href="?verb=ListRecords&amp;metadataPrefix={o:metadataPrefix}"><xsl:value-of select="o:metadataPrefix"/></a></li></xsl:for-each></ul></xsl:template>
<xsl:template match="o:ListRecords|o:ListIdentifiers|o:GetRecord"><ol><xsl:apply-templates select="o:record|o:header"/></ol><xsl:if test="o:resumptionToken/text()"><p><a href="?verb={local-name()}&amp;resumptionToken={o:resumptionToken}" rel="next">resumptionToken</a> (<xsl:value-of select="o:resumptionToken/@completeListSize"/>)</p></xsl:if></xsl:template>
<xsl:template match="o:record"><li><xsl:apply-templates select="o:header" mode="line"/><dl class="facts"><xsl:for-each select="o:metadata/*/*"><dt><xsl:value-of select="local-name()"/></dt><dd><xsl:value-of select="."/></dd></xsl:for-each></dl></li></xsl:template>
<xsl:template match="o:header"><li><xsl:apply-templates select="." mode="line"/></li></xsl:template>
<xsl:template match="o:header" mode="line"><p><a href="?verb=GetRecord&amp;metadataPrefix=oai_dc&amp;identifier={o:identifier}"><xsl:value-of select="o:identifier"/></a> <xsl:value-of select="o:datestamp"/> <b><xsl:value-of select="@status"/></b></p></xsl:template>
</xsl:stylesheet>
